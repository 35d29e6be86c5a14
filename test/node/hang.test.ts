// Does the agent stay responsive when a storage client hangs, and does everybody get free again?
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Lab, type RunningMountPod } from './lab.ts';
import { until } from './processes.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

/** Stops rclone without ending it: whoever asks it waits for ever. */
function hang(mountPod: RunningMountPod): void {
  lab.signalRclone(mountPod, 'SIGSTOP');
}

test('unpublishes a pod that hangs in its mount, within the time the kubelet waits', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  expect(await lab.attach({ pod, mountPod, s3: lab.storage.bucket('images') })).toBe('ok');
  hang(mountPod);
  const stuck = workload.exec(['ls', 'data'], { timeoutMs: 50_000 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await fetch(lab.healthUrl)).status).toBe(200);

  await lab.unpublish(pod);

  expect((await stuck).status).not.toBe(0);
  expect(await lab.mounts()).toEqual(['/var/lib/dynamic/stage']);
  lab.signalRclone(mountPod, 'SIGCONT');
  await lab.waitForNoServedMounts(mountPod);
});

test('unpublishes a pod while its source is made anew for another one, on a mount pod that does not start', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  // A restarted agent does not bring it back by itself.
  await lab.restartAgent();
  lab.signalRclone(mountPod, 'SIGKILL');
  await until('it is dead', async () => (await workload.exec(['ls', 'data'])).status !== 0);
  const other = await lab.runPod();
  const missing = { ...mountPod, uid: randomUUID() };
  const next = { ...attachment, pod: other.pod, mountPod: missing };
  const outcome = lab.attach(next).catch((error: Error) => error.name);
  // Answered after the attach has begun: both use one connection.
  await lab.list();

  const startedMs = performance.now();
  await lab.unpublish(pod);

  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect((await lab.mounts()).filter((path) => path.includes(pod.uid))).toEqual([]);
  await lab.detach(next, []);
  expect(await outcome).not.toBe('ok');
});

test('lets hung mounts disturb nobody else, and does not break one that was only slow', async () => {
  const { pod, workload } = await lab.runPod();
  const slow = await lab.startMountPod();
  const attachments = Array.from({ length: 16 }, (_, index) => {
    lab.storage.makeBucket(`bucket-${index}`, { 'hello.txt': `hello ${index}\n` });
    const s3 = lab.storage.bucket(`bucket-${index}`);
    return { pod, mountPod: slow, s3, mountpoint: `m${index}` };
  });
  for (const attachment of attachments) expect(await lab.attach(attachment)).toBe('ok');
  hang(slow);
  const attempts = attachments.map((attachment) => lab.attach(attachment));
  const other = await lab.runPod();
  const mountPod = await lab.startMountPod();

  const startedMs = performance.now();
  const s3 = lab.storage.bucket('images');
  expect(await lab.attach({ pod: other.pod, mountPod, s3 })).toBe('ok');

  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect((await other.workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  for (const outcome of await Promise.all(attempts)) expect(outcome).not.toBe('ok');
  lab.signalRclone(slow, 'SIGCONT');
  expect((await workload.exec(['cat', 'm7/hello.txt'])).stdout).toBe('hello 7\n');
  for (const attachment of attachments) expect(await lab.attach(attachment)).toBe('ok');
  await until('no second mount', () => lab.servedMounts(slow) === 16);
});

test('replaces a mount that hangs when another mount pod can serve it', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  hang(mountPod);
  const stuck = workload.exec(['ls', 'data'], { timeoutMs: 50_000 });
  const successor = await lab.startMountPod({ sharingKey: mountPod.sharingKey });

  expect(await lab.attach({ ...attachment, mountPod: successor })).toBe('ok');

  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  expect((await stuck).status).not.toBe(255);
});

test('a mount pod that is told to end goes on while it serves, and ends when it does not', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');

  process.kill(mountPod.service.pid, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 1_500));

  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  await lab.detach(attachment, []);
  await until('the mount pod ends', () => mountPod.service.child.exitCode === 0);
});

test('a mount pod that serves nothing ends at once when told so', async () => {
  const mountPod = await lab.startMountPod();
  await lab.waitForRclone(mountPod);
  process.kill(mountPod.service.pid, 'SIGTERM');
  await until('the mount pod ends', () => mountPod.service.child.exitCode === 0, 3_000);
});
