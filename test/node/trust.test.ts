// Who may call the agent, and where are credentials to be seen?
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { signCertificate } from '../../enrolment/sign-certificate.ts';
import { aKeyPair, openAuthority } from '../builders/enrolment.ts';
import { Authority } from './certificates.ts';
import { CallError, dialAgent, LAB_NODE } from './agent-client.ts';
import { Lab } from './lab.ts';
import { ACCESS_KEY_ID, SECRET_ACCESS_KEY } from './storage.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.authority.issue('stranger', 'DNS:lab-node.csi-node.dynvol');
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'OK',
    (error: unknown) => (error instanceof CallError ? error.status : String(error)),
  );
}

/** Calls the agent with a certificate of one's own, on a connection of one's own. */
async function outcomeWith(issued: { crt: string; key: string } | undefined): Promise<string> {
  const { certificate } = lab.authority;
  const caller = dialAgent(lab.apiAddress, issued && { ca: certificate, ...issued }, certificate);
  const outcome = await outcomeOf(caller.call('Attach', nothing));
  caller.close();
  return outcome;
}

const nothing = { claim: { uid: 'c' }, attachments: [] };

describe('the agent API', () => {
  test('answers the controller', async () => {
    expect(await outcomeOf(lab.api('controller').call('Attach', nothing))).toBe('OK');
  });

  test('refuses a certificate of our authority with another name', async () => {
    expect(await outcomeOf(lab.api('stranger').call('Attach', nothing))).toBe('UNAUTHENTICATED');
    expect(await outcomeOf(lab.api('stranger').call('Detach', { claim: { uid: 'c' } }))).toBe(
      'UNAUTHENTICATED',
    );
  });

  test('gives no connection to a caller without a certificate, or with one of a foreign authority', async () => {
    const foreign = await Authority.make(lab.makeDirectory('foreign'));
    const issued = await foreign.issue('controller', 'DNS:controller.dynvol');
    expect(await outcomeWith(undefined)).toBe('UNAVAILABLE');
    expect(await outcomeWith(issued)).toBe('UNAVAILABLE');
  });

  test('gives no connection to a caller with the certificate of an agent, be it its own', async () => {
    const { publicKey, privateKey } = aKeyPair();
    const agent = { nodeName: LAB_NODE, publicKey };
    const path = (extension: string) => join(lab.authority.directory, `signed.${extension}`);
    writeFileSync(path('key'), privateKey);
    writeFileSync(path('crt'), await signCertificate(openAuthority(lab.authority), agent));
    expect(await outcomeWith({ crt: path('crt'), key: path('key') })).toBe('UNAVAILABLE');
  });

  test('gives no connection to a controller whose certificate has expired', async () => {
    const issued = await lab.authority.issue('expired', 'DNS:controller.dynvol', '0');
    expect(await outcomeWith(issued)).toBe('UNAVAILABLE');
  });

  test.for([
    ['a mountpoint with ..', { mountpoint: '../x' }],
    ['an absolute mountpoint', { mountpoint: '/x' }],
    ['nine levels', { mountpoint: 'a/b/c/d/e/f/g/h/i' }],
    ['a source key that is a path', { sourceKey: '../../etc' }],
    ['a pod UID that is a path', { podUid: '../x' }],
    ['a mount pod UID that is a path', { mountPodUid: '..' }],
    ['an endpoint with credentials', { endpoint: 'http://user:password@host' }],
    ['an endpoint that is a file', { endpoint: 'file:///etc/passwd' }],
    ['a bucket with a slash', { bucket: 'a/b' }],
    ['no key', { secretAccessKey: '' }],
  ] as const)('answers INVALID_ARGUMENT to %s', async ([, change]) => {
    const good = {
      ...{ mountpoint: 'data', podUid: 'pod', mountPodUid: 'mount-pod', endpoint: 'http://h' },
      ...{
        bucket: 'images',
        accessKeyId: 'a',
        secretAccessKey: 'b',
        sourceKey: 'abcdef01.abcdef01',
      },
    };
    const { mountpoint, podUid, mountPodUid, sourceKey, ...s3 } = { ...good, ...change };
    const target = { podUid, mountpoint, readOnly: false, replacesSourceKey: '' };
    const attachments = [{ sourceKey, mountPodUid, s3, targets: [target] }];
    const call = lab.api().call('Attach', { claim: { uid: 'c' }, attachments });
    expect(await outcomeOf(call)).toBe('INVALID_ARGUMENT');
  });

  test('does not start twice on a node', async () => {
    await expect(lab.startSecondAgent()).rejects.toThrow('Another agent runs on this node');
  });
});

/** Everything that `ps` could show of every process but the storage, which is given its own keys by environment. */
function observeProcesses(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        const files = ['cmdline', 'environ', 'mountinfo'];
        const text = files.map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
        return text[0]?.includes('versitygw') ? '' : text.join('\n');
      } catch {
        return '';
      }
    })
    .join('\n');
}

describe('credentials', () => {
  test('are on no command line, in no environment, no mount table and no log', async () => {
    // Stands before the real one and writes down what rclone gives it.
    const recorder = `#!/bin/sh
{ echo "$@"; env; } >> /tmp/recorded
exec /run/tools/fusermount3 "$@"
`;
    const tools = lab.makeDirectory('recorder');
    writeFileSync(`${tools}/fusermount3`, recorder, { mode: 0o755 });
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod({ firstOnPath: tools, args: ['-vv'] });
    const wrong = lab.storage.bucket('images', { secretAccessKey: `${SECRET_ACCESS_KEY}-wrong` });
    await lab.attach({ pod, mountPod, s3: wrong });

    expect(await lab.attach({ pod, mountPod, s3: lab.storage.bucket('images') })).toBe('ok');

    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    const recorded = readFileSync(`/proc/${mountPod.service.pid}/root/tmp/recorded`, 'utf8');
    expect(recorded).toContain('fsname=');
    const sinks = { recorded, processes: observeProcesses(), agent: lab.agent.output() };
    for (const [sink, text] of Object.entries(sinks))
      for (const secret of [ACCESS_KEY_ID, SECRET_ACCESS_KEY])
        expect(text.includes(secret), `${secret} in ${sink}`).toBe(false);
  });

  test('are not in the log of a mount pod', async () => {
    const { pod } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    for (const change of [{}, { secretAccessKey: `${SECRET_ACCESS_KEY}-x` }, { bucket: 'no-such' }])
      await lab.attach({
        pod,
        mountPod,
        s3: lab.storage.bucket('images', change),
        mountpoint: 'a',
      });
    await lab.attach({ pod, mountPod, s3: lab.storage.bucket('missing'), mountpoint: 'b' });
    expect(mountPod.service.output()).not.toContain(ACCESS_KEY_ID);
    expect(mountPod.service.output()).not.toContain(SECRET_ACCESS_KEY);
  });
});
