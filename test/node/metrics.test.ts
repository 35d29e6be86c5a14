// Does the agent tell in numbers what it really did?
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Exposition, findValue } from '../exposition.ts';
import { Lab, type RunningMountPod } from './lab.ts';
import { openFile } from './open-file.ts';
import { until } from './processes.ts';
import { scrape } from './scrape.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

const provider = 's3';
const findAttaches = (told: Exposition, start: string) =>
  ['mount_pod', 'source', 'attach', 'total'].map((phase) =>
    findValue(told, 'dynvol_mount_duration_seconds', { phase, start }),
  );

test('tells of attaches by phase and start, of mounts, of what is stuck, and of what came back', async () => {
  const s3 = lab.storage.bucket('images');
  const [first, second] = [await lab.runPod(), await lab.runPod()];
  const mountPod = await lab.startMountPod();
  await lab.waitForRclone(mountPod);
  expect(await lab.attach({ pod: first.pod, mountPod, s3 })).toBe('ok');
  expect(await lab.attach({ pod: second.pod, mountPod, s3 })).toBe('ok');

  const attached = await scrape(lab);
  expect(findAttaches(attached, 'warm')).toEqual([1, 1, 1, 1]);
  expect(findAttaches(attached, 'mounted')).toEqual([undefined, 1, 1, 1]);
  expect(findValue(attached, 'dynvol_mounts', { provider, state: 'serving' })).toBe(2);
  const published = { method: 'NodePublishVolume', code: 'OK' };
  expect(findValue(attached, 'dynvol_csi_grpc_duration_seconds', published)).toBe(2);
  const called = { method: 'Attach', code: 'OK' };
  expect(findValue(attached, 'dynvol_agent_rpc_server_duration_seconds', called)).toBe(2);

  const holder = await openFile(second.workload);
  const detach = () => lab.detach({ pod: second.pod, mountPod, s3 }, []);
  expect((await detach()).outcome).toContain('IN_USE');
  const stuck = async () =>
    findValue(await scrape(lab), 'dynvol_unmount_stuck', { provider, reason: 'IN_USE' });
  expect(await stuck()).toBe(1);
  await holder.stop();
  expect((await detach()).outcome).toBe('ok');
  expect(await stuck()).toBe(0);
  const detached = await scrape(lab);
  const detaches = ['IN_USE', 'OK'].map((result) =>
    findValue(detached, 'dynvol_mount_operations_total', { op: 'detach', provider, result }),
  );
  expect(detaches).toEqual([1, 1]);

  lab.signalRclone(mountPod, 'SIGKILL');
  await until(
    'the recovery is told',
    async () => findValue(await scrape(lab), 'dynvol_recoveries_total', { provider }) === 1,
  );
  expect(findValue(await scrape(lab), 'dynvol_mounts', { provider, state: 'serving' })).toBe(1);
});

test('tells that a mount pod had to be waited for', async () => {
  const { pod } = await lab.runPod();
  const later = { uid: randomUUID(), sharingKey: '00112233445566aa' };
  const s3 = lab.storage.bucket('images');
  const attaching = lab.attach({ pod, mountPod: later as RunningMountPod, s3 });
  const running = lab.startMountPod(later);

  expect(await attaching).toBe('ok');
  await running;

  expect(findAttaches(await scrape(lab), 'cold')).toEqual([1, 1, 1, 1]);
});
