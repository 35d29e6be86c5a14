// Does a second controller whose cache is behind take nothing away, and turn no key back?
import { describe, expect, it } from 'vitest';
import type { ObservedClaim, ObserveRequest } from '../../../activities/contract.ts';
import { observeClaim } from '../../../activities/observe-claim.ts';
import { CLASS_PARAMETERS } from '../../../api/names.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aClass, aPod, CLAIM } from '../../builders/objects.ts';

function putAll(cluster: FakeCluster): FakeCluster {
  cluster.put(aClaim());
  cluster.putPod(aPod());
  cluster.classes.set('s3-sample', aClass());
  cluster.secrets.set('default/keys', {});
  return cluster;
}

/** A look by a workflow that has something mounted in the pod. */
async function observe(
  cluster: FakeCluster,
  changes: Partial<ObserveRequest> = {},
): Promise<ObservedClaim> {
  const observed = await observeClaim(cluster, {
    claim: CLAIM,
    generation: 1,
    deleting: false,
    tracked: [{ uid: 'uid-web-1', name: 'web-1' }],
    remounts: 0,
    seen: { classes: {}, secrets: {} },
    ...changes,
  });
  if (observed.gone) throw new Error('The claim is gone');
  return observed;
}

describe('a cache that lacks', () => {
  it.each<[string, (cluster: FakeCluster) => void]>([
    ['the claim', (cluster) => cluster.claims.clear()],
    ['the pod', (cluster) => cluster.pods.clear()],
    ['a label of the pod', (cluster) => cluster.putPod(aPod({ labels: {} }))],
    ['the class', (cluster) => cluster.classes.clear()],
    ['the Secret', (cluster) => cluster.secrets.clear()],
  ])('%s keeps the pod and its source', async (_what, remove) => {
    const { pods, seen } = await observe(putAll(new FakeCluster()));
    const behind = putAll(new FakeCluster());
    remove(behind);
    behind.lag();
    putAll(behind);

    expect(pods.map(({ uid, sourceKey }) => [uid, typeof sourceKey])).toEqual([
      ['uid-web-1', 'string'],
    ]);
    expect((await observe(behind, { seen })).pods).toEqual(pods);
  });
});

describe('a cache from before', () => {
  const place = aClaim().spec.s3Config;

  it.each<[string, (cluster: FakeCluster) => void, number]>([
    ['a Secret was rotated', (cluster) => cluster.secretVersions.set('default/keys', '2'), 1],
    ['a class was edited', editClass, 1],
    [
      'the claim was edited',
      (cluster) => cluster.edit('shop/pictures', { s3Config: { ...place, bucket: 'films' } }),
      2,
    ],
  ])('%s does not turn the key back', async (_what, change, generation) => {
    const behind = putAll(new FakeCluster());
    const before = await observe(behind);
    behind.lag();
    const current = putAll(new FakeCluster());
    for (const cluster of [behind, current]) change(cluster);
    const after = await observe(current, { generation });

    expect(after.pods[0]?.sourceKey).not.toBe(before.pods[0]?.sourceKey);
    expect((await observe(behind, { generation, seen: after.seen })).pods).toEqual(after.pods);
  });

  it('an older claim went takes nothing from the one that followed', async () => {
    const behind = putAll(new FakeCluster());
    const { pods, seen } = await observe(behind);
    const creationTimestamp = '2025-01-01T00:00:00Z';
    behind.put(aClaim({ metadata: { name: 'older', uid: 'older', creationTimestamp } }));
    behind.lag();
    behind.claims.delete('shop/older');

    expect((await observe(behind, { seen })).pods).toEqual(pods);
  });
});

function editClass(cluster: FakeCluster): void {
  const cls = aClass('s3-sample', { [CLASS_PARAMETERS.cpuLimit]: '20m' });
  cluster.classes.set('s3-sample', { ...cls, metadata: { ...cls.metadata, generation: 2 } });
}
