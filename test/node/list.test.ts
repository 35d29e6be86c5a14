// Does the agent tell what is mounted?
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CallError } from './agent-client.ts';
import { buildSourceKey, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  lab.storage.makeBucket('twin', { 'hello.txt': 'twin\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

test('lists mounts, published pods and parked sources, also after a restart', async () => {
  const { pod } = await lab.runPod();
  const empty = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const [s3, twin] = [lab.storage.bucket('images'), lab.storage.bucket('twin')];
  const [sourceKey, twinKey] = [buildSourceKey(mountPod, s3), buildSourceKey(mountPod, twin)];
  await lab.attach({ pod, mountPod, s3, mountpoint: 'a/b', readOnly: true });
  await lab.attach({ pod, mountPod, s3, mountpoint: 'c' });
  await lab.attach({ pod, mountPod, s3: twin, mountpoint: 'c', replacesSourceKey: sourceKey });

  const listed = await lab.list();

  expect(listed.mounts).toHaveLength(2);
  expect(listed.mounts).toEqual(
    expect.arrayContaining([
      { podUid: pod.uid, mountpoint: 'a/b', sourceKey, readOnly: true },
      { podUid: pod.uid, mountpoint: 'c', sourceKey: twinKey, readOnly: false },
    ]),
  );
  expect(listed.stagedSourceKeys.toSorted()).toEqual([sourceKey, twinKey].toSorted());
  expect(listed.publishedPodUids.toSorted()).toEqual([pod.uid, empty.pod.uid].toSorted());
  await lab.restartAgent('SIGKILL');
  expect(await lab.list()).toEqual(listed);
});

test('tells nothing to a caller that is not the controller', async () => {
  await lab.authority.issue('stranger', 'DNS:stranger');
  const refused = await lab
    .api('stranger')
    .call('List', { mountPodUids: [] })
    .catch((error: CallError) => error.status);
  expect(refused).toBe('UNAUTHENTICATED');
});
