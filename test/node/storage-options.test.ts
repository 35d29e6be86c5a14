// Does a source follow the claim's prefix and region, and the Secret's session token and ca.crt?
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Authority } from './certificates.ts';
import { startFakeS3 } from './fake-s3.ts';
import { Lab } from './lab.ts';
import { findProgram } from './programs.ts';
import { Storage } from './storage.ts';

let lab: Lab;
let foreign: Storage;
let known: Storage;
let caCert: string;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', {
    'hello.txt': 'root\n',
    'team/data/hello.txt': 'team\n',
    'team/data-2/hello.txt': 'not this\n',
  });
  const folder = join(lab.directory, 'foreign');
  mkdirSync(folder);
  const authority = await Authority.make(folder);
  caCert = readFileSync(authority.certificate, 'utf8');
  const versitygw = findProgram('versitygw');
  const start = async (name: string, by: Authority) =>
    Storage.start(versitygw, join(lab.directory, name), await by.issue(name, 'IP:127.0.0.1'));
  foreign = await start('foreign-buckets', authority);
  known = await start('known-buckets', lab.authority);
  for (const storage of [foreign, known]) storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(async () => {
  await foreign[Symbol.asyncDispose]();
  await known[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});
afterEach(() => lab.closeCallers());

async function attachNew(s3: ReturnType<Storage['bucket']>) {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const outcome = await lab.attach({ pod, mountPod, s3 });
  const run = async (...args: string[]) => (await workload.exec(args)).stdout;
  return { outcome, run, mountPod };
}

test('prefix: shows that folder alone, for reading and writing', async () => {
  const { outcome, run } = await attachNew(lab.storage.bucket('images', { prefix: 'team/data' }));

  expect(outcome).toBe('ok');
  expect(await run('ls', 'data')).toBe('hello.txt\n');
  expect(await run('cat', 'data/hello.txt')).toBe('team\n');
  await run('sh', '-c', 'echo new > data/new.txt && mkdir data/folder');
  expect(lab.storage.read('images', 'team/data/new.txt')).toBe('new\n');
  expect(lab.storage.has('images', 'team/data/folder')).toBe(true);
});

test('prefix: one that does not exist is an empty folder, which a write makes', async () => {
  const { outcome, run } = await attachNew(lab.storage.bucket('images', { prefix: 'not/yet' }));

  expect(outcome).toBe('ok');
  expect(await run('ls', 'data')).toBe('');
  expect(lab.storage.has('images', 'not')).toBe(false);
  await run('sh', '-c', 'echo new > data/new.txt');
  expect(lab.storage.read('images', 'not/yet/new.txt')).toBe('new\n');
});

test('ca.crt: trusts a server for that source alone', async () => {
  const refused = await attachNew(foreign.bucket('images'));
  expect(refused.outcome).toMatch(/^TLS_VERIFY_FAILED: /);
  const { pod, workload } = await lab.runPod();
  const { mountPod } = refused;

  // A changed Secret gives another source.
  const s3 = foreign.bucket('images', { caCert });
  expect(await lab.attach({ pod, mountPod, s3, remounts: 1 })).toBe('ok');

  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  const other = { pod, mountPod, s3: foreign.bucket('images'), mountpoint: 'other', remounts: 2 };
  expect(await lab.attach(other)).toMatch(/^TLS_VERIFY_FAILED: /);
});

test('ca.crt: leaves the authorities trusted that the mount pod has', async () => {
  const { outcome, run } = await attachNew(known.bucket('images', { caCert }));
  expect(outcome).toBe('ok');
  expect(await run('cat', 'data/hello.txt')).toBe('hello\n');
});

test('ca.crt: one that holds no certificate is told, and ends no other mount', async () => {
  const { run, mountPod } = await attachNew(lab.storage.bucket('images'));
  const { pod } = await lab.runPod();
  const bad = '-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n';
  const s3 = foreign.bucket('images', { caCert: bad });

  expect(await lab.attach({ pod, mountPod, s3, remounts: 1 })).toMatch(
    /^TLS_VERIFY_FAILED: .*ca\.crt holds no certificate/,
  );

  expect(await run('cat', 'data/hello.txt')).toBe('root\n');
});

test('an authority that the mount pod came to trust while it runs is trusted', async () => {
  const s3 = foreign.bucket('images');
  const { outcome, mountPod } = await attachNew(s3);
  expect(outcome).toMatch(/^TLS_VERIFY_FAILED: /);
  const { pod, workload } = await lab.runPod();

  appendFileSync(`/proc/${lab.findRclone(mountPod)}/root/run/ca.crt`, caCert);

  expect(await lab.attach({ pod, mountPod, s3 })).toBe('ok');
  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
});

test('session token and region: are in every request', async () => {
  await using server = await startFakeS3();
  const change = { endpoint: server.endpoint, sessionToken: 'token-1', region: 'eu-north-1' };

  expect((await attachNew(lab.storage.bucket('images', change))).outcome).toBe('ok');

  expect(server.requests.length).toBeGreaterThan(0);
  for (const { headers } of server.requests) {
    expect(headers['x-amz-security-token']).toBe('token-1');
    expect(headers.authorization).toContain('/eu-north-1/s3/');
  }
});

test('region: is us-east-1 when the claim names none', async () => {
  await using server = await startFakeS3();
  const s3 = lab.storage.bucket('images', { endpoint: server.endpoint, prefix: 'a/b' });

  expect((await attachNew(s3)).outcome).toBe('ok');

  for (const { url, headers } of server.requests) {
    expect(headers.authorization).toContain('/us-east-1/s3/');
    expect(headers['x-amz-security-token']).toBeUndefined();
    // Never a look at the prefix itself or above it.
    expect(url).toMatch(/^\/images\?.*prefix=a%2Fb%2F/);
  }
});
