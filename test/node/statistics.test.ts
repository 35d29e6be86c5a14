// Does the agent tell what its mounts have done?
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { StatisticsResponse } from '../../api/node-agent.ts';
import type { CallError } from './agent-client.ts';
import { buildSourceKey, Lab } from './lab.ts';
import { until } from './processes.ts';
import type { RunningMountPod } from './rclone-process.ts';

const BYTES = 300_000;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'photo.bin': 'x'.repeat(BYTES) });
  lab.storage.makeBucket('logs', { 'log.txt': 'first\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

function readStatistics(...mountPods: Pick<RunningMountPod, 'uid'>[]): Promise<StatisticsResponse> {
  const mountPodUids = mountPods.map(({ uid }) => uid);
  return lab.api().call<StatisticsResponse>('ReadStatistics', { mountPodUids });
}

test('counts bytes that were read and files that are open, also after a restart of the agent', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const s3 = lab.storage.bucket('images');
  expect(await lab.attach({ pod, mountPod, s3 })).toBe('ok');
  const sourceKey = buildSourceKey(mountPod, s3);
  const before = await readStatistics(mountPod);
  const source = { sourceKey, mountPodUid: mountPod.uid, cachedBytes: 0, pendingUploads: 0 };
  expect(before.sources).toEqual([{ ...source, openFiles: 0 }]);
  expect(before.mounts).toEqual([
    { podUid: pod.uid, mountpoint: 'data', sourceKey, readOnly: false },
  ]);

  const read = `exec 3< data/photo.bin; head -c ${BYTES} <&3 > /dev/null; echo ready; while :; do sleep 0.05; done`;
  const holder = await workload.start(['sh', '-c', read], /ready/);

  const during = await readStatistics(mountPod);
  expect(during.sources).toEqual([{ ...source, openFiles: 1 }]);
  expect(during.mountPods).toEqual([
    { mountPodUid: mountPod.uid, transferredBytes: expect.any(Number), errors: 0 },
  ]);
  expect(during.mountPods[0]?.transferredBytes).toBeGreaterThanOrEqual(BYTES);
  await lab.restartAgent('SIGKILL');
  expect((await readStatistics(mountPod)).sources).toEqual(during.sources);

  await holder.stop('SIGKILL');
  await until('the file is closed', async () => {
    const [told] = (await readStatistics(mountPod)).sources;
    return told?.openFiles === 0;
  });
});

test('tells of the cache of a source that has one', async () => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const s3 = lab.storage.bucket('logs');
  expect(await lab.attach({ pod, mountPod, s3, writeMode: 'cached' })).toBe('ok');

  await workload.exec(['sh', '-c', `head -c ${BYTES} /dev/zero > data/new.bin`]);

  // rclone adds up its cache every 10 s only.
  const isToldOf = async () => {
    const [source] = (await readStatistics(mountPod)).sources;
    return source?.pendingUploads === 0 && source.cachedBytes >= BYTES;
  };
  await until('it is uploaded, and in the cache', isToldOf, 25_000);
  expect(lab.storage.size('logs', 'new.bin')).toBe(BYTES);
});

test('leaves out a mount pod that hangs and one that is not there, and still tells of the others', async () => {
  const { pod } = await lab.runPod();
  const [good, hung] = [await lab.startMountPod(), await lab.startMountPod()];
  const s3 = lab.storage.bucket('images');
  expect(await lab.attach({ pod, mountPod: good, s3, mountpoint: 'good' })).toBe('ok');
  expect(await lab.attach({ pod, mountPod: hung, s3, mountpoint: 'hung' })).toBe('ok');
  lab.signalRclone(hung, 'SIGSTOP');
  try {
    const { mountPods, sources } = await readStatistics(good, hung, { uid: 'never' });
    expect(mountPods.map(({ mountPodUid }) => mountPodUid)).toEqual([good.uid]);
    expect(sources.map(({ sourceKey }) => sourceKey)).toEqual([buildSourceKey(good, s3)]);
  } finally {
    lab.signalRclone(hung, 'SIGCONT');
  }
});

test('tells nothing to a caller that is not the controller, and refuses what is no pod UID', async () => {
  await lab.authority.issue('stranger', 'DNS:stranger');
  const findStatus = (error: CallError) => error.status;
  const request = { mountPodUids: ['../x'] };
  const stranger = lab.api('stranger').call('ReadStatistics', { mountPodUids: [] });
  expect(await stranger.catch(findStatus)).toBe('UNAUTHENTICATED');
  const malformed = lab.api().call('ReadStatistics', request);
  expect(await malformed.catch(findStatus)).toBe('INVALID_ARGUMENT');
});
