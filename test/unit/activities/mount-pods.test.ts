// Is there never more than one live mount pod for a sharing key?
import { describe, expect, it } from 'vitest';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../../api/names.ts';
import { KeyedLock } from '../../../activities/keyed-lock.ts';
import { buildPoolKey } from '../../../activities/mount-pod-spec.ts';
import type { MountPodNeed } from '../../../activities/mount-pod-spec.ts';
import { ensureMountPod } from '../../../activities/mount-pods.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aPod, PARAMETERS } from '../../builders/objects.ts';

const key = '0123456789abcdef';
const need: MountPodNeed = {
  sharingKey: key,
  provider: 's3',
  node: 'node1',
  className: 's3-sample',
  parameters: PARAMETERS,
  workload: { namespace: 'shop', pod: { uid: 'pod-uid', name: 'web-1' } },
};
const settings = { mountPodImage: 'image', temporalNamespace: 'default' };
const warmNeed = { ...need, parameters: { ...PARAMETERS, warmMountPods: 2 } };

/** One controller process on a cluster. */
function aController(cluster: FakeCluster) {
  const deps = {
    view: cluster.view,
    kubernetes: cluster.kubernetes,
    settings,
    mountPodLock: new KeyedLock(),
  };
  return (retired: string[] = [], wanted = need) => ensureMountPod(deps, wanted, new Set(retired));
}

function aMountPod(ordinal: number, changes: Partial<PodView> = {}): PodView {
  const labels = { [MOUNT_POD_LABELS.sharingKey]: key };
  return aPod({ name: `s3-${key}-${ordinal}`, namespace: MOUNT_NAMESPACE, labels, ...changes });
}

/** One that stands ready in the class's pool. */
function aWarmPod(ordinal: number, changes: Partial<PodView> = {}): PodView {
  const labels = { [MOUNT_POD_LABELS.warmPool]: buildPoolKey(need, settings) };
  return aPod({ name: `s3-warm-${ordinal}`, namespace: MOUNT_NAMESPACE, labels, ...changes });
}

describe('ensureMountPod', () => {
  it('makes one, and then uses it', async () => {
    const ensure = aController(new FakeCluster());

    const first = await ensure();

    expect(await ensure()).toMatchObject({ uid: first.uid, name: `s3-${key}-1` });
  });

  it('makes one for many attempts of one process', async () => {
    const cluster = new FakeCluster();
    cluster.lag();
    const ensure = aController(cluster);

    const pods = await Promise.all(Array.from({ length: 5 }, () => ensure()));

    expect(new Set(pods.map((pod) => pod.uid)).size).toBe(1);
    expect(cluster.writes).toHaveLength(1);
  });

  it('makes one for two processes', async () => {
    const cluster = new FakeCluster();
    cluster.lag();

    const pods = await Promise.all([aController(cluster)(), aController(cluster)()]);

    expect(new Set(pods.map((pod) => pod.uid)).size).toBe(1);
    expect(cluster.mountPods()).toHaveLength(1);
  });

  it.each<[string, Partial<PodView>, string[]]>([
    ['is terminating', { terminating: true }, []],
    ['is retired', {}, [`uid-s3-${key}-1`]],
  ])('makes another at once while the former %s', async (_what, changes, retired) => {
    const cluster = new FakeCluster();
    cluster.putPod(aMountPod(1, changes));

    const pod = await aController(cluster)(retired);

    expect(pod.name).toBe(`s3-${key}-2`);
    expect(cluster.mountPods()).toHaveLength(2);
  });

  it('removes one that has ended', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aMountPod(1, { phase: 'Failed' }));

    const pod = await aController(cluster)();

    expect(cluster.mountPods().map(({ name }) => name)).toEqual([pod.name]);
  });

  it('removes one that has ended only when its successor is there', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aMountPod(1, { phase: 'Failed' }));

    await aController(cluster)();

    expect(cluster.writes).toEqual([`create pod s3-${key}-2`, `delete pod s3-${key}-1`]);
  });

  it('makes one for two processes of which one sees the evicted pod removed already', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aMountPod(1, { phase: 'Failed' }));
    cluster.lag();
    const [first, second] = [aController(cluster), aController(cluster)];
    const removePod = cluster.kubernetes.removePod;
    let late: Promise<PodView> | undefined;
    cluster.kubernetes.removePod = async (...args) => {
      await removePod(...args);
      late ??= second();
    };

    const pod = await first();

    expect((await late)?.uid).toBe(pod.uid);
    expect(cluster.mountPods()).toHaveLength(1);
  });

  it('keeps one of two that two processes make because they saw the former go at different times', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aMountPod(1, { terminating: true }));
    cluster.lag();
    const [first, second] = [aController(cluster), aController(cluster)];
    const createPod = cluster.kubernetes.createPod;
    let other: PodView | undefined;
    cluster.kubernetes.createPod = async (pod) => {
      cluster.kubernetes.createPod = createPod;
      cluster.pods.delete(`${MOUNT_NAMESPACE}/s3-${key}-1`);
      other = await second();
      return createPod(pod);
    };

    const pod = await first();

    expect(pod.uid).toBe(other?.uid);
    expect(cluster.mountPods()).toHaveLength(1);
  });

  const problem = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };

  it.each<[string, Partial<PodView>, number]>([
    ['replaces one that cannot start with a former image', { image: 'typo' }, 2],
    ['keeps one that cannot start with the present image', { image: 'image' }, 1],
    ['keeps one that runs with a former image', { image: 'old', phase: 'Running' }, 1],
  ])('%s', async (_what, changes, ordinal) => {
    const cluster = new FakeCluster();
    cluster.putPod(aMountPod(1, { phase: 'Pending', startProblem: problem, ...changes }));

    const pod = await aController(cluster)();

    expect(pod.name).toBe(`s3-${key}-${ordinal}`);
    expect(cluster.mountPods().map(({ name }) => name)).toEqual([pod.name]);
  });

  it('takes a warm one of the class, which is then the one of the sharing key', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aWarmPod(1));
    cluster.putPod(aWarmPod(2));
    const ensure = aController(cluster);

    const pod = await ensure([], warmNeed);

    expect(pod).toMatchObject({
      name: 's3-warm-1',
      labels: { [MOUNT_POD_LABELS.sharingKey]: key, [MOUNT_POD_LABELS.workloadPodUid]: 'pod-uid' },
    });
    expect(pod.labels).not.toHaveProperty([MOUNT_POD_LABELS.warmPool]);
    expect(await ensure([], warmNeed)).toMatchObject({ uid: pod.uid });
    expect(cluster.writes).toEqual(['patch pod s3-warm-1']);
  });

  it.each<[string, Partial<PodView>]>([
    ['is on another node', { nodeName: 'node2' }],
    ['is not ready', { ready: false }],
    ['is terminating', { terminating: true }],
    ['belongs to another pool', { labels: { [MOUNT_POD_LABELS.warmPool]: 'other' } }],
  ])('takes no warm one that %s', async (_what, changes) => {
    const cluster = new FakeCluster();
    cluster.putPod(aWarmPod(1, changes));

    expect(await aController(cluster)([], warmNeed)).toMatchObject({ name: `s3-${key}-1` });
  });

  it('takes a warm one whose status has changed a moment ago', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aWarmPod(1));
    cluster.lag();
    cluster.putPod(aWarmPod(1, { resourceVersion: '2' }));

    expect(await aController(cluster)([], warmNeed)).toMatchObject({ name: 's3-warm-1' });
  });

  it('leaves a warm one to whom was quicker', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aWarmPod(1));
    cluster.lag();
    cluster.putPod(aMountPod(1, { name: 's3-warm-1', resourceVersion: '2', labels: {} }));

    expect(await aController(cluster)([], warmNeed)).toMatchObject({ name: `s3-${key}-1` });
  });

  it('keeps one of two warm ones that two processes take for the same key', async () => {
    const cluster = new FakeCluster();
    cluster.putPod(aWarmPod(1));
    cluster.putPod(aWarmPod(2));
    cluster.lag();

    const [first, second] = [aController(cluster), aController(cluster)];
    const pods = await Promise.all([first([], warmNeed), second([], warmNeed)]);

    expect(pods.map((pod) => pod.name)).toEqual(['s3-warm-1', 's3-warm-1']);
    const labelled = cluster.mountPods().filter((pod) => pod.labels[MOUNT_POD_LABELS.sharingKey]);
    expect(labelled).toHaveLength(1);
  });

  it.each([
    [422, 'CLASS_INVALID'],
    [403, 'MOUNT_POD_NOT_READY'],
  ])('explains a refusal %i as %s', async (status, code) => {
    const cluster = new FakeCluster();
    cluster.kubernetes.createPod = async () => {
      throw new KubernetesError(status, 'Refused', 'quota or quantity');
    };

    await expect(aController(cluster)()).rejects.toMatchObject({
      code,
      message: expect.stringContaining('"s3-sample" is refused: quota or quantity'),
    });
  });
});
