// Does an agent come to its certificate, and change it, without anybody noticing?
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createEnrolment } from '../../enrolment/enrolment.ts';
import { type EnrolmentServer, startEnrolmentServer } from '../../enrolment/server.ts';
import { AGENT_POD, aReview, openAuthority, TOKEN } from '../builders/enrolment.ts';
import { dialAgent, LAB_NODE } from './agent-client.ts';
import { Lab } from './lab.ts';
import { until } from './processes.ts';
import { findFreePort } from './storage.ts';

const NODE_KEY = 'authentication.kubernetes.io/node-name';

let lab: Lab;
let port: number;
let tlsDir: string;
let controller: EnrolmentServer | undefined;
let made = 0;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  port = await findFreePort();
  tlsDir = lab.makeDirectory('enrolment');
  const { crt, key } = await lab.authority.issue('enrolment', 'DNS:controller.dynvol');
  copyFileSync(crt, join(tlsDir, 'tls.crt'));
  copyFileSync(key, join(tlsDir, 'tls.key'));
  writeFileSync(join(lab.authority.directory, 'token'), TOKEN);
});
afterAll(() => lab[Symbol.asyncDispose]());
afterEach(async () => {
  controller?.close();
  await lab.agent.stop();
  lab.closeCallers();
});

/** Settings of an agent that never enrolled, or of its successor in the same pod. */
function freshAgent(): Record<string, string> {
  made += 1;
  const identityDir = join(lab.directory, `fresh-${made}`);
  return { IDENTITY_DIR: identityDir, ENROLMENT_ADDRESS: `127.0.0.1:${port}` };
}

/** The controller's part, for agents of the lab's node; `lifetimeMs` as for `createEnrolment`. */
async function startController(lifetimeMs?: number): Promise<void> {
  const log = pino({ level: 'silent' });
  const enrol = createEnrolment({
    reviewToken: async () => aReview({ extra: { [NODE_KEY]: [LAB_NODE] } }),
    kubernetes: { getPod: async () => ({ uid: AGENT_POD.uid, nodeName: LAB_NODE }) as never },
    readAuthority: () => openAuthority(lab.authority),
    log,
    ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
  });
  controller = await startEnrolmentServer({ port, tlsDir, enrol, log });
}

async function probe(path: string): Promise<number> {
  return (await fetch(lab.healthUrl.replace('/healthz', path))).status;
}

const list = { mountPodUids: [] };

/** Calls the agent on a connection of its own. */
async function callAnew(): Promise<void> {
  const { directory, certificate } = lab.authority;
  const file = (extension: string) => join(directory, `controller.${extension}`);
  const files = { ca: certificate, crt: file('crt'), key: file('key') };
  const caller = dialAgent(lab.apiAddress, files, certificate);
  try {
    await caller.call('List', list);
  } finally {
    caller.close();
  }
}

test('serves the kubelet before it has a certificate, and the controller as soon as it has one', async () => {
  await lab.startAgent(freshAgent());
  await lab.publish(lab.makePod());
  expect(await probe('/healthz')).toBe(200);
  expect(await probe('/readyz')).toBe(503);
  await expect(callAnew()).rejects.toMatchObject({ status: 'UNAVAILABLE' });

  await startController();

  await until('ready', async () => (await probe('/readyz')) === 200);
  await callAnew();
});

test('needs no controller when it starts again with a certificate that is valid', async () => {
  const env = freshAgent();
  await startController();
  await lab.startAgent(env);
  await until('ready', async () => (await probe('/readyz')) === 200);
  const before = await lab.fingerprint();
  controller?.close();

  await lab.restartAgent('SIGKILL', env);

  expect(await probe('/readyz')).toBe(200);
  expect(await lab.fingerprint()).toBe(before);
});

test('changes its certificate under running calls and new connections', async () => {
  await startController(8_000);
  await lab.startAgent(freshAgent());
  await until('ready', async () => (await probe('/readyz')) === 200);
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const kept = lab.api();
  const seen = new Set<string>();
  let calls = 0;
  let attaching = true;
  const attach = lab
    .attach({ pod, mountPod, s3: lab.storage.bucket('images') })
    .finally(() => (attaching = false));

  await until(
    'three certificates',
    async () => {
      await Promise.all([kept.call('List', list), callAnew()]);
      calls += 2;
      seen.add(await lab.fingerprint());
      return seen.size >= 3 && !attaching;
    },
    60_000,
  );

  expect(await attach).toBe('ok');
  expect(calls).toBeGreaterThan(8);
  expect(lab.agent.output()).not.toContain('Could not enrol');
});

test('says in one line why it could not enrol, and goes on with what it has', async () => {
  await startController(4_000);
  await lab.startAgent(freshAgent());
  await until('ready', async () => (await probe('/readyz')) === 200);

  controller?.close();

  await until('told', () => lab.agent.output().includes('Could not enrol at the controller'));
  expect(lab.agent.output()).not.toContain(TOKEN);
  await until('expired', async () => (await probe('/readyz')) === 503);
  expect(await probe('/healthz')).toBe(200);
});
