// Does exactly one claim have a mountpoint of a pod, and always the same one?
import { describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { buildConflict, listRivals, observeConflicts } from '../../../activities/conflicts.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aPod } from '../../builders/objects.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-01T00:00:01Z';

interface Change {
  time?: string;
  uid?: string;
  mountpoint?: string;
  app?: string;
  namespace?: string;
  deleting?: boolean;
}

function named(name: string, change: Change = {}): DynamicVolumeClaim {
  return aClaim({
    metadata: {
      namespace: change.namespace ?? 'shop',
      name,
      uid: change.uid ?? `uid-${name}`,
      creationTimestamp: change.time ?? EARLY,
      ...(change.deleting ? { deletionTimestamp: LATE } : {}),
    },
    spec: {
      mountpoint: change.mountpoint ?? '/data',
      selector: { matchLabels: { app: change.app ?? 'web' } },
    },
  });
}

function aCluster(claims: DynamicVolumeClaim[], pods: PodView[] = [aPod()]): FakeCluster {
  const cluster = new FakeCluster();
  for (const claim of claims) cluster.put(claim);
  for (const pod of pods) cluster.putPod(pod);
  return cluster;
}

/** Names of the pods in which `claim` is kept away. */
async function loses(
  cluster: FakeCluster,
  claim: DynamicVolumeClaim,
  tracked: PodView[] = [],
): Promise<string[]> {
  const pods = cluster.view.podsIn('shop');
  const conflicts = await observeConflicts(cluster, claim, pods, tracked);
  return pods.filter((pod) => conflicts.has(pod.uid)).map((pod) => pod.name);
}

describe('a claim and another one', () => {
  it.each<[string, Change, Change, boolean]>([
    ['at the same mountpoint, older', { time: LATE }, {}, true],
    ['at the same mountpoint, younger', {}, { time: LATE }, false],
    ['of the same second with a lower UID', { uid: 'b' }, { uid: 'a' }, true],
    ['of the same second with a higher UID', { uid: 'a' }, { uid: 'b' }, false],
    ['older, /data against data', { time: LATE }, { mountpoint: 'data' }, true],
    ['older, above', { time: LATE, mountpoint: '/data/sub' }, {}, true],
    ['older, below', { time: LATE }, { mountpoint: '/data/sub' }, true],
    ['older, beside', { time: LATE }, { mountpoint: '/database' }, false],
    ['older, of other pods', { time: LATE }, { app: 'db' }, false],
    ['older, of another namespace', { time: LATE }, { namespace: 'other' }, false],
    ['older, being deleted', { time: LATE }, { deleting: true }, true],
  ])('%s', async (_what, own, other, conflict) => {
    const claim = named('mine', own);
    const cluster = aCluster([claim, named('theirs', other)]);

    expect(await loses(cluster, claim)).toEqual(conflict ? ['web-1'] : []);
  });

  it.each([[['a', 'b', 'c']], [['c', 'b', 'a']], [['b', 'c', 'a']]])(
    'have one winner, created in the order %s',
    async (order) => {
      const times: Record<string, string> = { a: LATE, b: EARLY, c: LATE };
      const cluster = aCluster(order.map((name) => named(name, { time: times[name] ?? '' })));
      const winners = [];
      for (const claim of cluster.claims.values()) {
        if ((await loses(cluster, claim)).length === 0) winners.push(claim.metadata.name);
      }

      expect(winners).toEqual(['b']);
    },
  );
});

describe('listRivals', () => {
  it('names the oldest first, and only those that match a pod', () => {
    const claims = [named('b'), named('a'), named('db', { app: 'db' })];

    const rivals = listRivals(named('c', { time: LATE }), claims, [aPod()]);

    expect(rivals.map((one) => one.metadata.name)).toEqual(['a', 'b']);
  });
});

describe('buildConflict', () => {
  it('names mountpoint, pod and winner', () => {
    expect(buildConflict(named('mine'), named('theirs'), aPod())).toEqual({
      code: 'MOUNTPOINT_CONFLICT',
      message:
        'Mountpoint /data of pod web-1 belongs to the older DynamicVolumeClaim "theirs"; choose another mountpoint or delete that claim',
    });
  });

  it('names both mountpoints when they differ', () => {
    const own = named('mine', { mountpoint: 'data/sub' });

    expect(buildConflict(own, named('theirs'), aPod()).message).toBe(
      'Mountpoint /data/sub of pod web-1 overlaps /data of the older DynamicVolumeClaim "theirs"; choose another mountpoint or delete that claim',
    );
  });
});

describe('observeConflicts', () => {
  const claim = named('mine', { time: LATE });

  it.each<[string, Partial<PodView>, string[]]>([
    ['starting', { sandboxReady: false }, ['web-1']],
    ['terminating, whose mounts stay', { terminating: true }, []],
    ['completed', { phase: 'Succeeded' }, []],
  ])('in a pod that is %s', async (_what, changes, expected) => {
    const cluster = aCluster([claim, named('theirs')], [aPod(changes)]);

    expect(await loses(cluster, claim)).toEqual(expected);
  });

  it('only in the pods that both match', async () => {
    const pods = [aPod(), aPod({ name: 'web-2', labels: { app: 'web', team: 'b' } })];
    const theirs = named('theirs');
    theirs.spec.selector = { matchLabels: { team: 'b' } };

    expect(await loses(aCluster([claim, theirs], pods), claim)).toEqual(['web-2']);
  });

  it.each<[string, (cluster: FakeCluster) => void]>([
    ['still has an older claim', (cluster) => cluster.claims.delete('shop/theirs')],
    [
      'has an older claim whose name passed to another',
      (cluster) => cluster.put(named('theirs', { uid: 'new', time: LATE })),
    ],
    [
      'has an older claim as it was before its selector changed',
      (cluster) => cluster.edit('shop/theirs', { selector: { matchLabels: { app: 'db' } } }),
    ],
    [
      'has a mounted pod with labels that it lost',
      (cluster) => cluster.putPod(aPod({ labels: { app: 'other' } })),
    ],
    ['has a mounted pod that was replaced', (cluster) => cluster.putPod(aPod({ uid: 'new' }))],
  ])('believes no cache that %s', async (_what, change) => {
    const cluster = aCluster([claim, named('theirs')]);
    cluster.lag();
    change(cluster);

    expect(await loses(cluster, claim, [aPod()])).toEqual([]);
  });

  it('finds the next older claim when the oldest is gone', async () => {
    const cluster = aCluster([claim, named('a'), named('b')]);
    cluster.lag();
    cluster.claims.delete('shop/a');

    const conflicts = await observeConflicts(cluster, claim, [aPod()], []);

    expect(conflicts.get('uid-web-1')?.message).toContain('"b"');
  });

  it('asks the API server for nothing when nobody is in the way', async () => {
    const cluster = aCluster([claim, named('theirs', { mountpoint: '/other' })]);
    cluster.isDown = true;

    expect(await loses(cluster, claim, [aPod()])).toEqual([]);
  });
});
