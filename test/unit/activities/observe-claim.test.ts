// Is what the caches say believed exactly as far as it may be?
import { describe, expect, it } from 'vitest';
import {
  CLAIM_FINALIZER,
  CLASS_PARAMETERS,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
} from '../../../api/names.ts';
import type { ObservedClaim, ObserveRequest } from '../../../activities/contract.ts';
import { observeClaim } from '../../../activities/observe-claim.ts';
import { formatSelector } from '../../../activities/selector-text.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aClass, aPod, CLAIM } from '../../builders/objects.ts';

const request: ObserveRequest = {
  claim: CLAIM,
  generation: 1,
  deleting: false,
  tracked: [],
  remounts: 0,
  seen: { classes: {}, secrets: {} },
};

function aCluster(claim = aClaim(), pods: PodView[] = [aPod()]): FakeCluster {
  const cluster = new FakeCluster();
  cluster.put(claim);
  cluster.classes.set('s3-sample', aClass());
  cluster.secrets.set('default/keys', {});
  for (const pod of pods) cluster.putPod(pod);
  return cluster;
}

async function observe(cluster: FakeCluster, changes: Partial<ObserveRequest> = {}) {
  const observed = await observeClaim(cluster, { ...request, ...changes });
  if (observed.gone) throw new Error('The claim is gone');
  return observed;
}

function only(observed: ObservedClaim) {
  expect(observed.pods).toHaveLength(1);
  return observed.pods[0];
}

describe('observeClaim', () => {
  it('reads all that a plan needs', async () => {
    const observed = await observe(aCluster());

    expect(observed).toMatchObject({
      deleting: false,
      generation: 1,
      mountpoint: 'data',
      selector: 'app=web',
      s3: { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: '', region: '' },
      hadFinalizer: false,
      wasDetached: false,
      seen: { classes: { 's3-sample': 1 }, secrets: { 'default/keys': '1' } },
      pods: [{ uid: 'uid-web-1', state: 'ready', className: 's3-sample', node: 'node1' }],
    });
    expect(only(observed)?.sourceKey).toMatch(/^[0-9a-f]{16}\.[0-9a-f]{16}$/);
  });

  it('adds the finalizer once', async () => {
    const cluster = aCluster();

    await observe(cluster);
    await observe(cluster);

    expect(cluster.writes).toEqual(['patch finalizers']);
    expect(cluster.claims.get('shop/pictures')?.metadata.finalizers).toEqual([CLAIM_FINALIZER]);
  });

  it('adds the finalizer beside those of others, over a stale cache', async () => {
    const cluster = aCluster();
    cluster.lag();
    const live = cluster.claims.get('shop/pictures');
    Object.assign(live?.metadata ?? {}, { resourceVersion: '2', finalizers: ['other'] });

    await observe(cluster);

    expect(live?.metadata.finalizers).toEqual(['other', CLAIM_FINALIZER]);
  });

  it('does not write to a claim that is being deleted', async () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['other'] };
    const cluster = aCluster(aClaim({ metadata }));

    expect((await observe(cluster)).deleting).toBe(true);
    expect(cluster.writes).toEqual([]);
  });

  it.each<[string, (cluster: FakeCluster) => void, Partial<ObserveRequest>]>([
    ['older than the signal', (cluster) => cluster.edit('shop/pictures', {}), { generation: 2 }],
    ['without the deletion', (cluster) => cluster.delete('shop/pictures'), { deleting: true }],
  ])('asks the API server when the cache is %s', async (_what, change, changes) => {
    const cluster = aCluster(aClaim({ metadata: { finalizers: [CLAIM_FINALIZER] } }));
    cluster.lag();
    change(cluster);

    expect((await observe(cluster, changes)).generation).toBe(2);
  });

  it('asks the API server when the cache lacks the claim', async () => {
    const cluster = new FakeCluster();
    cluster.lag();
    cluster.put(aClaim());

    expect((await observe(cluster)).generation).toBe(1);
  });

  it.each([
    ['does not exist', new FakeCluster()],
    ['is another one of the same name', aCluster(aClaim({ metadata: { uid: 'other' } }))],
  ])('is gone when the claim %s', async (_what, cluster) => {
    expect(await observeClaim(cluster, request)).toEqual({ gone: true });
  });

  it.each<[string, Partial<PodView>]>([
    ['ready', {}],
    ['pending', { sandboxReady: false }],
    ['terminating', { terminating: true }],
    ['completed', { phase: 'Succeeded' }],
    ['completed', { phase: 'Failed', terminating: true }],
  ])('sees a pod as %s', async (state, changes) => {
    expect(only(await observe(aCluster(aClaim(), [aPod(changes)])))?.state).toBe(state);
  });

  it('sees a pod without a volume root as not injected', async () => {
    const { volumeRoot: _volumeRoot, ...pod } = aPod();

    expect(only(await observe(aCluster(aClaim(), [pod])))).toMatchObject({ state: 'notInjected' });
  });

  it.each<[string, PodView[], number]>([
    ['keeps a tracked pod that only the cache lacks', [aPod()], 1],
    ['drops a tracked pod that is gone', [], 0],
    ['drops a tracked pod whose labels changed', [aPod({ labels: {} })], 0],
    ['drops a namesake of a tracked pod', [aPod({ uid: 'other', labels: {} })], 0],
  ])('%s', async (_title, live, count) => {
    const cluster = aCluster(aClaim(), []);
    cluster.lag();
    for (const pod of live) cluster.putPod(pod);

    const observed = await observe(cluster, { tracked: [{ uid: 'uid-web-1', name: 'web-1' }] });

    expect(observed.pods).toHaveLength(count);
  });

  it('names the mount pods that may serve', async () => {
    const cluster = aCluster();
    const [sharingKey = ''] = only(await observe(cluster))?.sourceKey?.split('.') ?? [];
    cluster.putPod(aMountPod('s3-0123456789abcdef-1', sharingKey));

    cluster.putPod({ ...aMountPod('s3-0123456789abcdef-2', sharingKey), terminating: true });

    expect(only(await observe(cluster))?.mountPods).toEqual({
      mountPodUid: 'uid-s3-0123456789abcdef-1',
      endingMountPodUids: ['uid-s3-0123456789abcdef-2'],
    });
  });

  it('prefers the class of the claim to that of the pod', async () => {
    const cluster = aCluster(aClaim({ spec: { storageProviderClassName: 'mine' } }));
    cluster.classes.set('mine', aClass('mine'));

    const observed = await observe(cluster);

    expect(Object.keys(observed.classes)).toEqual(['mine']);
    expect(only(observed)?.className).toBe('mine');
  });

  it('says that a class does not exist, also while no pod matches', async () => {
    const cluster = aCluster(aClaim({ spec: { storageProviderClassName: 'nope' } }), []);

    expect((await observe(cluster)).failure).toMatchObject({ code: 'CLASS_NOT_FOUND' });
  });

  it('says what is wrong with the class of a pod', async () => {
    const cluster = aCluster();
    cluster.classes.set('s3-sample', aClass('s3-sample', { [CLASS_PARAMETERS.secretName]: '' }));

    const pod = only(await observe(cluster));

    expect(pod?.failure).toMatchObject({ code: 'CLASS_INVALID' });
    expect(pod?.sourceKey).toBeUndefined();
  });

  it.each([
    ['/team/data/', 'team/data'],
    ['team/data', 'team/data'],
    ['/', ''],
  ])('reads the prefix %j as %j', async (prefix, read) => {
    const s3Config = { bucket: 'photos', endpoint: 'https://s3.example.com', prefix, region: 'eu' };

    expect((await observe(aCluster(aClaim({ spec: { s3Config } })))).s3).toMatchObject({
      prefix: read,
      region: 'eu',
    });
  });

  it('knows the claim of a former workflow by its finalizer', async () => {
    const cluster = aCluster(aClaim({ metadata: { finalizers: [CLAIM_FINALIZER] } }));

    expect((await observe(cluster)).hadFinalizer).toBe(true);
  });

  it.each([
    ['False', 'Detached', true],
    ['False', 'Attaching', false],
    ['True', 'Attached', false],
  ] as const)('Ready=%s %s means detached by a person: %s', async (status, reason, detached) => {
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const conditions = [
      { type: 'Ready' as const, status, reason, message: '', lastTransitionTime },
    ];

    const observed = await observe(aCluster({ ...aClaim(), status: { conditions } }));

    expect(observed.wasDetached).toBe(detached);
  });

  it.each<[string, (cluster: FakeCluster) => void, Partial<ObserveRequest>]>([
    ['another prefix', (cluster) => editPlace(cluster, { prefix: 'x' }), {}],
    ['another region', (cluster) => editPlace(cluster, { region: 'eu' }), {}],
    ['a rotated Secret', (cluster) => cluster.secretVersions.set('default/keys', '2'), {}],
    ['a remount', () => undefined, { remounts: 1 }],
  ])('wants a fresh source of the same mount pod for %s', async (_what, change, changes) => {
    const cluster = aCluster();
    const before = only(await observe(cluster))?.sourceKey?.split('.');
    change(cluster);
    const after = only(await observe(cluster, changes))?.sourceKey?.split('.');

    expect(after?.[0]).toBe(before?.[0]);
    expect(after?.[1]).not.toBe(before?.[1]);
  });

  it.each(['dynvol-system', 'dynvol-mounts'])('never matches a pod of %s', async (namespace) => {
    const claim = { ...CLAIM, namespace };
    const pod = aPod({ namespace });
    const cluster = aCluster(aClaim({ metadata: claim }), [pod]);

    const observed = await observe(cluster, { claim, tracked: [pod] });

    expect(observed.pods).toEqual([]);
  });
});

function editPlace(cluster: FakeCluster, change: { prefix?: string; region?: string }): void {
  const { s3Config } = aClaim().spec;
  cluster.edit('shop/pictures', { s3Config: { ...s3Config, ...change } });
}

function aMountPod(name: string, sharingKey: string): PodView {
  const labels = { [MOUNT_POD_LABELS.sharingKey]: sharingKey };
  return aPod({ name, namespace: MOUNT_NAMESPACE, labels });
}

describe('formatSelector', () => {
  it('writes as kubectl takes it', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In' as const, values: ['a', 'b'] },
        { key: 'old', operator: 'DoesNotExist' as const },
      ],
    };

    expect(formatSelector(selector)).toBe('app=web,tier in (a,b),!old');
  });
});
