// Are finalizers and warm pools of a cluster kept, also by two controllers at once?
import { describe, expect, it } from 'vitest';
import { CLASS_FINALIZER, CLASS_PARAMETERS, MOUNT_POD_LABELS } from '../../../api/names.ts';
import { keepClasses } from '../../../classes/keep-classes.ts';
import type { KeeperDependencies } from '../../../classes/keep-classes.ts';
import type { StorageProviderClass } from '../../../api/storage-provider-class.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aClass, aPod } from '../../builders/objects.ts';

function aController(cluster: FakeCluster): () => Promise<void> {
  const deps: KeeperDependencies = {
    view: cluster.view,
    kubernetes: cluster.kubernetes,
    settings: { mountPodImage: 'image', temporalNamespace: 'default' },
    eventCounts: new Map(),
    told: new Map(),
    warn: () => {},
  };
  return () => keepClasses(deps);
}

/** A cluster with a class that keeps two warm mount pods, and one pod of it. */
function aCluster(size = '2'): FakeCluster {
  const cluster = new FakeCluster();
  cluster.classes.set('s3-sample', aKeptClass({ [CLASS_PARAMETERS.warmMountPods]: size }));
  cluster.putPod(aPod());
  return cluster;
}

function aKeptClass(parameters: Record<string, string> = {}): StorageProviderClass {
  const cls = aClass('s3-sample', parameters);
  cls.metadata.finalizers = [CLASS_FINALIZER];
  return cls;
}

describe('keepClasses', () => {
  it('gives a class its finalizer once', async () => {
    const cluster = new FakeCluster();
    cluster.classes.set('s3-sample', aClass());
    const keep = aController(cluster);

    await keep();
    await keep();

    expect(cluster.classes.get('s3-sample')?.metadata.finalizers).toEqual([CLASS_FINALIZER]);
    expect(cluster.writes).toEqual(['patch class finalizers']);
  });

  it.each<[string, Parameters<typeof aClaim>[0]]>([
    ['names it', { spec: { storageProviderClassName: 's3-sample' } }],
    ['selects a pod that was injected with it', {}],
  ])('keeps a deleted class while a claim %s, and says so once', async (_what, claim) => {
    const cluster = aCluster('0');
    cluster.put(aClaim(claim));
    const cls = cluster.classes.get('s3-sample');
    if (cls) cls.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const keep = aController(cluster);

    await keep();
    await keep();

    expect([...cluster.events.values()]).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({ namespace: 'default' }),
        regarding: expect.objectContaining({ kind: 'StorageProviderClass', name: 's3-sample' }),
        note: 'StorageProviderClass "s3-sample" is used by claim shop/pictures; it is deleted when that is',
      }),
    ]);
    expect(cluster.writes).toEqual([]);

    cluster.claims.clear();
    await keep();
    expect(cluster.classes.size).toBe(0);
  });

  it('keeps a deleted class that is used by a claim which the cache lacks', async () => {
    const cluster = aCluster('0');
    const cls = cluster.classes.get('s3-sample');
    if (cls) cls.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    cluster.lag();
    cluster.put(aClaim());

    await aController(cluster)();

    expect(cluster.classes.get('s3-sample')?.metadata.finalizers).toEqual([CLASS_FINALIZER]);
    expect([...cluster.events.values()]).toMatchObject([{ reason: 'ClassInUse' }]);
  });

  it('makes the warm mount pods of a pool', async () => {
    const cluster = aCluster();

    await aController(cluster)();

    const warm = cluster.mountPods();
    expect(warm).toHaveLength(2);
    expect(warm.every((pod) => pod.labels[MOUNT_POD_LABELS.warmPool])).toBe(true);
  });

  it('does nothing while all is as it shall be', async () => {
    const cluster = aCluster();
    const keep = aController(cluster);
    await keep();
    cluster.writes.length = 0;

    await keep();

    expect(cluster.writes).toEqual([]);
  });

  it('makes as many when two controllers do so at once', async () => {
    const cluster = aCluster();
    cluster.lag();

    await Promise.all([aController(cluster)(), aController(cluster)()]);

    expect(cluster.mountPods()).toHaveLength(2);
  });

  it.each<[string, (cluster: FakeCluster) => void]>([
    ['the last pod of the class is gone', (cluster) => cluster.pods.delete('shop/web-1')],
    [
      'the last pod of the class has finished',
      (cluster) => cluster.putPod(aPod({ phase: 'Failed' })),
    ],
    ['the class keeps none any more', (cluster) => cluster.classes.set('s3-sample', aKeptClass())],
    ['the class is gone', (cluster) => cluster.classes.clear()],
  ])('deletes them when %s', async (_what, change) => {
    const cluster = aCluster();
    const keep = aController(cluster);
    await keep();

    change(cluster);
    await keep();

    expect(cluster.mountPods()).toEqual([]);
  });

  it('does not delete a warm mount pod that is being taken', async () => {
    const cluster = aCluster('1');
    const keep = aController(cluster);
    await keep();
    cluster.pods.delete('shop/web-1');
    cluster.lag();
    const [pod] = cluster.mountPods();
    if (pod) cluster.putPod({ ...pod, resourceVersion: 'taken' });

    await keep();

    expect(cluster.mountPods()).toHaveLength(1);
  });

  it('goes on with other classes when one is refused', async () => {
    const cluster = aCluster();
    cluster.classes.set('other', aClass('other'));
    cluster.kubernetes.createPod = async () => {
      throw new KubernetesError(422, 'Invalid', 'request above the limit');
    };

    await expect(aController(cluster)()).rejects.toThrow('request above the limit');

    expect(cluster.classes.get('other')?.metadata.finalizers).toEqual([CLASS_FINALIZER]);
  });
});
