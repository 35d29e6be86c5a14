// Is every acknowledged write in the bucket before a cached source goes?
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findValue } from '../exposition.ts';
import type { Workload } from './host.ts';
import { Lab } from './lab.ts';
import { type Attachment, buildSourceKey } from './pods.ts';
import { until } from './processes.ts';
import { scrape } from './scrape.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

let buckets = 0;

async function attachNew(change: Partial<Attachment> = {}) {
  const bucket = `bucket-${buckets++}`;
  lab.storage.makeBucket(bucket, { 'log.txt': 'first\n' });
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const s3 = lab.storage.bucket(bucket);
  const attachment: Attachment = { pod, mountPod, s3, writeMode: 'cached', ...change };
  expect(await lab.attach(attachment)).toBe('ok');
  return { bucket, attachment, mountPod, workload, shell: buildShell(workload) };
}

function buildShell(workload: Workload) {
  return async (script: string) => {
    const { status, stderr } = await workload.exec(['sh', '-c', script], { timeoutMs: 30_000 });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  };
}

const writeTwenty = 'for i in $(seq 20); do head -c 100000 /dev/urandom > data/file-$i; done';

async function detach(attachment: Attachment, discardWrites = false) {
  const { results, retiredMountPods } = await lab.detachResponse(attachment, { discardWrites });
  return { result: results[0], retired: retiredMountPods };
}

const untilDetached = (attachment: Attachment) =>
  until('it is detached', async () => (await detach(attachment)).result?.code === '', 60_000);

test('appends to and writes within files that are there', async () => {
  const { bucket, shell, attachment } = await attachNew();

  await shell('echo second >> data/log.txt');
  await shell('printf F | dd of=data/log.txt conv=notrunc status=none');

  expect((await detach(attachment)).result).toMatchObject({ code: '', rung: 'plain' });
  expect(lab.storage.read(bucket, 'log.txt')).toBe('First\nsecond\n');
});

test('refuses to append without a cache, and has nothing to wait for', async () => {
  const { attachment, workload } = await attachNew({ writeMode: 'sequential' });
  const append = await workload.exec(['sh', '-c', 'echo second >> data/log.txt']);
  expect(append.status).not.toBe(0);
  expect((await detach(attachment)).result).toMatchObject({ code: '' });
});

test('a detach right after 20 writes leaves all of them in the bucket', async () => {
  const { bucket, shell, attachment, mountPod } = await attachNew();
  await shell(writeTwenty);

  const { result, retired } = await detach(attachment);

  expect(result).toMatchObject({ code: '' });
  const sizes = Array.from({ length: 20 }, (_, i) => lab.storage.size(bucket, `file-${i + 1}`));
  expect(sizes).toEqual(Array(20).fill(100_000));
  expect(retired).toEqual([mountPod.uid]);
  await until('the mount pod ends', () => mountPod.service.child.exitCode === 0);
});

test('a swap right after 20 writes shows them in the successor', async () => {
  const { shell, attachment, mountPod, workload } = await attachNew();
  await shell(writeTwenty);
  const replacesSourceKey = buildSourceKey(mountPod, attachment.s3);
  const next = { ...attachment, remounts: 1, replacesSourceKey, replacedMountPods: [mountPod] };

  expect(await lab.attach(next)).toBe('ok');

  expect((await workload.exec(['sh', '-c', 'ls data/file-* | wc -l'])).stdout.trim()).toBe('20');
  await until('one source', () => lab.servedMounts(mountPod) === 1);
});

test('a file that is open during a swap is uploaded after it is closed', async () => {
  const { bucket, attachment, mountPod, workload } = await attachNew();
  const script = `
    exec 3> data/open.txt; echo early >&3
    trap 'echo late >&3; exit 0' TERM
    echo ready; while :; do sleep 0.05; done`;
  const holder = await workload.start(['sh', '-c', script], /ready/);
  const replacesSourceKey = buildSourceKey(mountPod, attachment.s3);
  const successor = await lab.startMountPod();
  const next = { ...attachment, mountPod: successor, replacesSourceKey };
  expect(await lab.attach({ ...next, replacedMountPods: [mountPod] })).toBe('ok');
  expect((await lab.detach(attachment, [mountPod])).retired).toEqual([]);

  await holder.stop('SIGTERM');

  await until('it is in the bucket', () => lab.storage.has(bucket, 'open.txt'));
  expect(lab.storage.read(bucket, 'open.txt')).toBe('early\nlate\n');
  await until('its mount pod retires', async () => {
    const { retired } = await lab.detach(attachment, [mountPod]);
    return retired.includes(mountPod.uid);
  });
});

test('a source that is attached again while it uploads asks the storage no more than before', async () => {
  const { bucket, shell, attachment, mountPod } = await attachNew();
  const other = await lab.runPod();
  await shell('head -c 200000000 /dev/zero > data/large');
  await lab.unpublish(attachment.pod);
  expect(await lab.attach({ ...attachment, pod: other.pod })).toBe('ok');
  const write = ['sh', '-c', 'exec 3> data/open; echo early >&3; echo ready; exec sleep 99'];
  const writer = await other.workload.start(write, /ready/);
  expect(lab.storage.has(bucket, 'large')).toBe(false);

  await until('it is uploaded', () => lab.storage.has(bucket, 'large'), 60_000);
  await until('the first mount ended', () => lab.servedMounts(mountPod) === 1);
  await other.workload.exec(['sh', '-c', 'echo more > data/more']);
  await until('more is uploaded', () => lab.storage.has(bucket, 'more'));

  const asked = lab.storage.log().split('no-such-object').length - 1;
  expect(asked).toBeLessThan(5);
  await writer.stop('SIGKILL');
});

/** Mounts that wait for uploads, as the metrics tell. */
const countFlushing = async () =>
  findValue(await scrape(lab), 'dynvol_unmount_stuck', { reason: 'FLUSHING' });

/** Files that are open before the server goes: their `close` is acknowledged, and no upload arrives. */
async function writeWithoutServer(workload: Workload, names: string[]): Promise<void> {
  const opened = names.map((name, index) => `exec ${index + 3}> data/${name};`).join(' ');
  const written = names.map((_, index) => `echo kept >&${index + 3};`).join(' ');
  const script = `${opened} trap '${written} exit 0' TERM; echo ready; while :; do sleep 0.05; done`;
  const writer = await workload.start(['sh', '-c', script], /ready/);
  await lab.storage.stop();
  await writer.stop('SIGTERM');
}

async function killRclone(mountPod: Attachment['mountPod']): Promise<void> {
  const rclone = lab.signalRclone(mountPod, 'SIGKILL');
  await until('another one', () => ![0, rclone].includes(lab.findRclone(mountPod)));
  await lab.waitForRclone(mountPod);
}

describe('while the server is down', () => {
  afterEach(() => lab.storage.startAgain());

  test('tells how many files wait, in numbers as well, and flushes when it is back', async () => {
    const { bucket, workload, attachment, mountPod } = await attachNew();
    await writeWithoutServer(workload, ['one', 'two', 'three']);

    const { result, retired } = await detach(attachment);

    expect(result).toMatchObject({ code: 'FLUSHING', pendingUploads: 3 });
    expect(result?.message).toContain('3 files wait for upload');
    expect(retired).toEqual([]);
    const counts = [await countFlushing(), await countFlushing()];
    expect(counts).toEqual([1, 1]);
    await lab.storage.startAgain();
    await untilDetached(attachment);
    expect(await countFlushing()).toBe(0);
    for (const name of ['one', 'two', 'three'])
      expect(lab.storage.read(bucket, name)).toBe('kept\n');
    await until('the mount pod ends', () => mountPod.service.child.exitCode === 0);
  });

  test('discards on request', async () => {
    const { bucket, workload, attachment, mountPod } = await attachNew();
    await writeWithoutServer(workload, ['lost']);

    const { result, retired } = await detach(attachment, true);

    expect(result).toMatchObject({ code: '' });
    expect(retired).toEqual([mountPod.uid]);
    expect(lab.storage.has(bucket, 'lost')).toBe(false);
  });

  test('a killed rclone uploads what it had when the server is back', async () => {
    const { bucket, workload, attachment, mountPod } = await attachNew();
    await writeWithoutServer(workload, ['kept']);
    await killRclone(mountPod);
    const { result } = await detach(attachment);
    expect(result).toMatchObject({ code: 'FLUSHING', pendingUploads: 1 });

    await lab.storage.startAgain();

    await untilDetached(attachment);
    expect(lab.storage.read(bucket, 'kept')).toBe('kept\n');
  });

  test('a killed rclone uploads what it had once the source is mounted again', async () => {
    const { bucket, workload, attachment, mountPod } = await attachNew();
    await writeWithoutServer(workload, ['kept']);
    await killRclone(mountPod);
    await lab.storage.startAgain();

    expect(await lab.attach(attachment)).toBe('ok');

    // When the agent mounts it again before the server is back, rclone waits before it tries a second time.
    await until('it is in the bucket', () => lab.storage.has(bucket, 'kept'), 60_000);
    expect((await detach(attachment)).result).toMatchObject({ code: '' });
  });

  test('a mount pod that is told to end uploads first', async () => {
    const { bucket, workload, attachment, mountPod } = await attachNew();
    await writeWithoutServer(workload, ['kept']);
    await lab.detachResponse(attachment, { mountPods: [], discardWrites: true });
    await lab.waitForNoServedMounts(mountPod);
    process.kill(mountPod.service.pid, 'SIGTERM');
    await lab.storage.startAgain();

    await until('the mount pod ends', () => mountPod.service.child.exitCode === 0, 60_000);

    expect(lab.storage.read(bucket, 'kept')).toBe('kept\n');
  });
});

test('a mount pod that does not answer loses nothing', async () => {
  const { bucket, shell, attachment, mountPod } = await attachNew();
  await shell('echo kept > data/kept.txt');
  lab.signalRclone(mountPod, 'SIGSTOP');

  const { result, retired } = await detach(attachment);
  lab.signalRclone(mountPod, 'SIGCONT');

  expect(result?.code).toBe('FLUSHING');
  expect(result?.message).toContain('does not answer');
  expect(retired).toEqual([]);
  expect((await detach(attachment)).result).toMatchObject({ code: '' });
  expect(lab.storage.read(bucket, 'kept.txt')).toBe('kept\n');
});
