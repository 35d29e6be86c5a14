// Is there never more than one live mount pod for a sharing key?
import { describe, expect, it } from 'vitest';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../../api/names.ts';
import { KeyedLock } from '../../../activities/keyed-lock.ts';
import type { MountPodNeed } from '../../../activities/mount-pod-spec.ts';
import { ensureMountPod } from '../../../activities/mount-pods.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aPod } from '../../builders/objects.ts';

const key = '0123456789abcdef';
const need: MountPodNeed = {
  sharingKey: key,
  provider: 's3',
  node: 'node1',
  className: 's3-sample',
  resources: { requests: {}, limits: {} },
  workload: { uid: 'pod-uid', namespace: 'shop', name: 'web-1' },
};

/** One controller process on a cluster. */
function aController(cluster: FakeCluster) {
  const deps = {
    view: cluster.view,
    kubernetes: cluster.kubernetes,
    settings: { mountPodImage: 'image', temporalNamespace: 'default' },
    mountPodLock: new KeyedLock(),
  };
  return (retired: string[] = []) => ensureMountPod(deps, need, new Set(retired));
}

function aMountPod(ordinal: number, changes: Partial<PodView> = {}): PodView {
  const labels = { [MOUNT_POD_LABELS.sharingKey]: key };
  return aPod({ name: `s3-${key}-${ordinal}`, namespace: MOUNT_NAMESPACE, labels, ...changes });
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
