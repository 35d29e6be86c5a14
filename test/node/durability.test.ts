// What is in the bucket after the storage client was killed: what `close` has acknowledged, and what `fsync` has?
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { WriteMode } from '../../api/storage-provider-class.ts';
import type { Workload } from './host.ts';
import { type Attachment, Lab } from './lab.ts';
import { type Service, until } from './processes.ts';

let lab: Lab;
let buckets = 0;

beforeAll(async () => {
  lab = await Lab.make();
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

async function attachNew(writeMode: WriteMode) {
  const bucket = `bucket-${buckets++}`;
  lab.storage.makeBucket(bucket, { 'hello.txt': 'hello\n' });
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment: Attachment = { pod, mountPod, s3: lab.storage.bucket(bucket), writeMode };
  expect(await lab.attach(attachment)).toBe('ok');
  return { bucket, workload, attachment };
}

/** Kills rclone, and waits until the mount is readable again. */
async function crash(workload: Workload, attachment: Attachment): Promise<void> {
  lab.signalRclone(attachment.mountPod, 'SIGKILL');
  await until('the mount is repaired', async () => {
    await lab.attach(attachment);
    return (await workload.exec(['cat', 'data/hello.txt'])).status === 0;
  });
}

/** Copies a file again and again, and tells each copy that was closed without an error (cp looks at that). */
function startCopying(workload: Workload): Promise<Service> {
  const script = `
    number=0
    while :; do
      number=$((number + 1))
      cp data/hello.txt "data/copy-$number" 2>/dev/null && echo "closed copy-$number"
    done`;
  return workload.start(['sh', '-c', script], /closed copy-5$/m);
}

test('F29: every file that was closed without an error is in the bucket', async () => {
  const { bucket, workload, attachment } = await attachNew('sequential');
  const writer = await startCopying(workload);

  await crash(workload, attachment);
  await writer.stop('SIGKILL');

  const closed = [...writer.output().matchAll(/^closed (copy-\d+)$/gm)].map(([, name]) => name);
  expect(closed.length).toBeGreaterThanOrEqual(5);
  const kept = closed.filter((name) => lab.storage.read(bucket, name ?? '') === 'hello\n');
  expect(kept).toEqual(closed);
});

/** Writes a file, calls fsync without an error, and keeps the file open. */
function startSyncing(workload: Workload): Promise<Service> {
  const program = `
    const { openSync, writeSync, fsyncSync } = require('node:fs');
    const fd = openSync('data/open.txt', 'w');
    writeSync(fd, 'synced\\n');
    fsyncSync(fd);
    console.log('fsync has succeeded');
    setInterval(() => {}, 1000);`;
  return workload.start([process.execPath, '--eval', program], /fsync has succeeded/);
}

test('F29: without a cache, fsync succeeds and promises nothing: a file that was not closed is lost', async () => {
  const { bucket, workload, attachment } = await attachNew('sequential');
  const writer = await startSyncing(workload);

  await crash(workload, attachment);
  await writer.stop('SIGKILL');

  expect(lab.storage.has(bucket, 'open.txt')).toBe(false);
  expect((await workload.exec(['cat', 'data/open.txt'])).stderr).toContain('No such file');
});

test('F29: with a cache, what fsync has acknowledged is uploaded after the crash, closed or not', async () => {
  const { bucket, workload, attachment } = await attachNew('cached');
  const writer = await startSyncing(workload);
  expect(lab.storage.has(bucket, 'open.txt')).toBe(false);

  await crash(workload, attachment);
  await writer.stop('SIGKILL');

  await until('it is uploaded', () => lab.storage.has(bucket, 'open.txt'), 30_000);
  expect(lab.storage.read(bucket, 'open.txt')).toBe('synced\n');
});
