// Which reason does a claim get when the storage refuses, and is everything undone?
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { S3Storage } from '../../api/node-agent.ts';
import { Authority } from './certificates.ts';
import { Lab } from './lab.ts';
import { findProgram } from './programs.ts';
import { findFreePort, SECRET_ACCESS_KEY, Storage } from './storage.ts';

let lab: Lab;
let trusted: Storage;
let untrusted: Storage;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  const own = await lab.authority.issue('s3', 'IP:127.0.0.1');
  const folder = join(lab.directory, 'foreign');
  mkdirSync(folder);
  const foreign = await (await Authority.make(folder)).issue('s3', 'IP:127.0.0.1');
  const versitygw = findProgram('versitygw');
  trusted = await Storage.start(versitygw, join(lab.directory, 'tls-buckets'), own);
  untrusted = await Storage.start(versitygw, join(lab.directory, 'foreign-buckets'), foreign);
  trusted.makeBucket('images', { 'hello.txt': 'hello over TLS\n' });
  await lab.startAgent();
});

afterAll(async () => {
  await trusted[Symbol.asyncDispose]();
  await untrusted[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});
afterEach(() => lab.closeCallers());

const cases: [string, string, () => Promise<S3Storage> | S3Storage][] = [
  ['BUCKET_NOT_FOUND', 'a missing bucket', () => lab.storage.bucket('missing')],
  [
    'CREDENTIALS_REJECTED',
    'an unknown access key',
    () => lab.storage.bucket('images', { accessKeyId: 'NOBODY' }),
  ],
  [
    'CREDENTIALS_REJECTED',
    'a wrong secret key',
    () => lab.storage.bucket('images', { secretAccessKey: 'wrong-secret' }),
  ],
  [
    'ENDPOINT_UNREACHABLE',
    'a port where nobody listens',
    async () =>
      lab.storage.bucket('images', { endpoint: `http://127.0.0.1:${await findFreePort()}` }),
  ],
  [
    'DNS_FAILED',
    'a host that does not exist',
    () => lab.storage.bucket('images', { endpoint: 'http://no-such-host.invalid' }),
  ],
  ['TLS_VERIFY_FAILED', 'a certificate nobody trusts', () => untrusted.bucket('images')],
];

test.for(cases)('answers %s for %s, and mounts nothing', async ([code, , build]) => {
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const before = await lab.host.mountinfo();
  const startedMs = performance.now();

  const outcome = await lab.attach({ pod, mountPod, s3: await build() });

  expect(outcome).toMatch(new RegExp(`^${code}: `));
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  expect(outcome).not.toContain('NOBODY');
  expect(outcome).not.toContain('wrong-secret');
  expect(outcome).not.toContain(SECRET_ACCESS_KEY);
  expect(await lab.host.mountinfo()).toBe(before);
  await lab.waitForNoServedMounts(mountPod);
  expect(lab.storage.list()).toEqual(['images']);
});

test('answers ENDPOINT_UNREACHABLE for a black hole, in time', async () => {
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const { createServer } = await import('node:net');
  const port = await findFreePort();
  const hole = createServer().listen(port, '127.0.0.1');
  const s3 = lab.storage.bucket('images', { endpoint: `http://127.0.0.1:${port}` });

  const outcome = await lab.attach({ pod, mountPod, s3 });

  hole.close();
  expect(outcome).toMatch(/^ENDPOINT_UNREACHABLE: /);
  await lab.waitForNoServedMounts(mountPod);
});

test('heals by itself when the bucket is made, and never makes it', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('later') };
  expect(await lab.attach(attachment)).toMatch(/^BUCKET_NOT_FOUND: Bucket later does not exist/);
  expect(lab.storage.has('later')).toBe(false);
  lab.storage.makeBucket('later', { 'now.txt': 'now\n' });

  expect(await lab.attach(attachment)).toBe('ok');

  expect((await workload.exec(['cat', 'data/now.txt'])).stdout).toBe('now\n');
});

test('accepts an empty bucket', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  lab.storage.makeBucket('empty');
  expect(await lab.attach({ pod, mountPod, s3: lab.storage.bucket('empty') })).toBe('ok');
  expect((await workload.exec(['ls', 'data'])).status).toBe(0);
});

test('trusts the authority that the mount pod is given', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  expect(await lab.attach({ pod, mountPod, s3: trusted.bucket('images') })).toBe('ok');
  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello over TLS\n');
});

test('answers MOUNT_POD_NOT_READY when no mount pod comes', async () => {
  const { pod } = await lab.runPod();
  const mountPod = { uid: 'never', sharingKey: 'abcdef03', service: lab.agent };
  const outcome = await lab.attach({ pod, mountPod, s3: lab.storage.bucket('images') });
  expect(outcome).toMatch(/^MOUNT_POD_NOT_READY: Mount pod never did not listen/);
});
