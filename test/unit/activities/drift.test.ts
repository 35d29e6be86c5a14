// Does the audit find what differs between claims, pods and nodes, and mend it without harm?
import { describe, expect, it } from 'vitest';
import { recordAlarm } from '../../../activities/alarm.ts';
import type { ClaimIdentity, Orphan } from '../../../activities/contract.ts';
import { buildDependencies } from '../../../activities/dependencies.ts';
import type { Attempt } from '../../../activities/dependencies.ts';
import { observeDrift } from '../../../activities/observe-drift.ts';
import { repairDrift } from '../../../activities/repair-drift.ts';
import { buildSharingKey } from '../../../activities/sharing-key.ts';
import {
  CLASS_PARAMETERS,
  COMPONENT_LABEL,
  COMPONENTS,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
} from '../../../api/names.ts';
import { parseSharingKey } from '../../../api/node-agent.ts';
import { parseClassParameters } from '../../../api/storage-provider-class.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aClass, aPod, CLAIM, KEY_A } from '../../builders/objects.ts';

const attempt: Attempt = {
  signal: new AbortController().signal,
  heartbeat: () => {},
  isRepeated: false,
  warn: () => {},
};
const cls = aClass('s3-sample', { [CLASS_PARAMETERS.cpuLimit]: '10m' });
const mount = { sourceKey: KEY_A, readOnly: false, mountPodUid: 'uid-mp', bucket: 'photos' };
const orphan: Orphan = {
  node: 'node1',
  kind: 'mount',
  sourceKey: KEY_A,
  podUid: 'uid-web-1',
  mountpoint: 'data',
};

/** A cluster in which one claim is mounted in one pod, as its status says. */
function aScene() {
  const cluster = new FakeCluster();
  const agents = new FakeAgents();
  cluster.classes.set('s3-sample', cls);
  cluster.putPod(aPod());
  cluster.putPod(aMountPod());
  const row = { name: 'web-1', uid: 'uid-web-1', state: 'Attached' as const };
  cluster.put({ ...aClaim(), status: { matched: 1, attached: 1, pods: [row] } });
  agents.mounts.set('uid-web-1/data', { ...mount, node: 'node1' });
  agents.staged.set(KEY_A, 'uid-mp');
  const rechecked: string[] = [];
  const { view, kubernetes } = cluster;
  const deps = buildDependencies({
    view,
    kubernetes,
    agents,
    settings: { mountPodImage: 'image', temporalNamespace: 'default' },
    look: ({ metadata }, { recheck }) => rechecked.push(`${metadata.name} ${recheck}`),
  });
  return {
    cluster,
    agents,
    deps,
    rechecked,
    look: () => observeDrift(deps, attempt),
    repair: (remove: Orphan[], recheck: ClaimIdentity[] = []) =>
      repairDrift(deps, { remove, recheck }, attempt),
  };
}

function aMountPod(changes: Partial<PodView> = {}, labels: Record<string, string> = {}): PodView {
  return aPod({
    name: 'mp',
    namespace: MOUNT_NAMESPACE,
    servesNamespace: 'shop',
    labels: {
      [COMPONENT_LABEL]: COMPONENTS.mountPod,
      [MOUNT_POD_LABELS.sharingKey]: parseSharingKey(KEY_A),
      [MOUNT_POD_LABELS.workloadPodUid]: 'uid-web-1',
      ...labels,
    },
    ...changes,
  });
}

function unschedule({ nodeName: _node, ...pod }: PodView): PodView {
  return pod;
}

/** The mount pod that the claim wants for its pod. */
function aWantedMountPod(): PodView {
  const sharingKey = buildSharingKey({
    namespace: 'shop',
    className: 's3-sample',
    endpoint: 'https://s3.example.com',
    parameters: parseClassParameters(cls),
    dispatchPolicy: 'independent',
    podUid: 'uid-web-1',
    node: 'node1',
  });
  return aMountPod({ name: 'wanted' }, { [MOUNT_POD_LABELS.sharingKey]: sharingKey });
}

describe('observeDrift', () => {
  it('finds nothing where all is well, and writes nothing', async () => {
    const { agents, cluster, look } = aScene();

    expect(await look()).toEqual({ mounts: 1, unreachableNodes: [], orphans: [], missing: [] });
    expect(agents.calls).toEqual(['list', 'list']);
    expect(cluster.writes).toEqual([]);
    expect(cluster.events.size).toBe(0);
  });

  it('finds a mount that no claim accounts for', async () => {
    const { cluster, look } = aScene();
    cluster.claims.clear();

    expect(await look()).toMatchObject({ mounts: 1, orphans: [orphan] });
  });

  it.each<[string, (cluster: FakeCluster) => void]>([
    [
      'claim',
      (cluster) => {
        const [claim] = [...cluster.claims.values()];
        cluster.claims.clear();
        cluster.lag();
        if (claim) cluster.put(claim);
      },
    ],
    [
      'label of a pod',
      (cluster) => {
        for (const claim of cluster.claims.values()) delete claim.status;
        cluster.putPod(aPod({ labels: {} }));
        cluster.lag();
        cluster.putPod(aPod());
      },
    ],
    ['pod', (cluster) => cluster.pods.delete('shop/web-1')],
  ])('believes no cache that lacks a %s', async (_what, change) => {
    const { cluster, look } = aScene();

    change(cluster);

    expect((await look()).orphans).toEqual([]);
  });

  it.each([{ terminating: true }, { phase: 'Succeeded' }])(
    'leaves the mounts of a pod that ends to the kubelet: %j',
    async (changes) => {
      const { cluster, look } = aScene();
      cluster.claims.clear();
      cluster.putPod(aPod(changes));

      expect((await look()).orphans).toEqual([]);
    },
  );

  it('finds a parked source that nothing shows, and its mount pod', async () => {
    const { agents, look } = aScene();
    agents.mounts.clear();

    expect((await look()).orphans).toEqual([{ node: 'node1', kind: 'source', sourceKey: KEY_A }]);

    agents.staged.clear();
    expect((await look()).orphans).toEqual([
      { node: 'node1', kind: 'mountPod', mountPodUid: 'uid-mp', mountPodName: 'mp' },
    ]);
  });

  it.each<[string, PodView]>([
    ['a claim wants and that has no source yet', aWantedMountPod()],
    [
      'stands ready in a pool',
      aMountPod({ name: 'warm', labels: { [MOUNT_POD_LABELS.warmPool]: 'k' } }),
    ],
    ['is ending', aMountPod({ name: 'ending', terminating: true })],
    ['is not ours', aMountPod({ name: 'other' }, { [COMPONENT_LABEL]: 'other' })],
  ])('leaves a mount pod that %s', async (_what, pod) => {
    const { cluster, look } = aScene();
    cluster.putPod({
      ...pod,
      labels: { [COMPONENT_LABEL]: COMPONENTS.mountPod, ...pod.labels },
    });

    expect((await look()).orphans).toEqual([]);
  });

  it('leaves a mount pod while the class of its claim is not known', async () => {
    const { agents, cluster, look } = aScene();
    agents.mounts.clear();
    agents.staged.clear();
    cluster.classes.clear();

    expect((await look()).orphans).toEqual([]);
  });

  it('leaves a mount pod that waits for a node while a claim wants it', async () => {
    const { cluster, look } = aScene();
    cluster.putPod(unschedule(aWantedMountPod()));

    expect((await look()).orphans).toEqual([]);
  });

  it('finds a claim whose mount is not there', async () => {
    const { agents, look } = aScene();
    agents.mounts.clear();

    expect((await look()).missing).toEqual([CLAIM]);
  });

  it('misses nothing on a node that does not answer', async () => {
    const { agents, look } = aScene();
    agents.mounts.clear();
    agents.isUnreachable = true;

    expect(await look()).toEqual({
      mounts: 0,
      unreachableNodes: ['node1', 'node2'],
      orphans: [],
      missing: [],
    });
  });

  it('misses nothing of a claim that changes while the nodes are asked', async () => {
    const { agents, cluster, look } = aScene();
    agents.mounts.clear();
    const list = agents.list.bind(agents);
    agents.list = async (...call) => {
      cluster.put(aClaim({ metadata: { resourceVersion: '2' } }));
      return list(...call);
    };

    expect((await look()).missing).toEqual([]);
  });

  it('tells the claims of a throttled mount pod once', async () => {
    const { agents, cluster, look } = aScene();
    agents.throttling = [
      { mountPodUid: 'uid-mp', periods: 100, throttledPeriods: 80, throttledMs: 4_200 },
    ];

    await look();
    await look();

    const [event, ...others] = cluster.events.values();
    expect(others).toEqual([]);
    expect(event?.series).toBeUndefined();
    expect(event).toMatchObject({
      reason: 'MountPodThrottled',
      note: expect.stringContaining('Mount pod mp of class s3-sample was throttled in 80 of 100'),
      regarding: { name: 'pictures' },
    });
  });
});

describe('repairDrift', () => {
  it('removes an orphaned mount with its source and its mount pod', async () => {
    const { agents, cluster, look, repair } = aScene();
    cluster.claims.clear();

    const { orphans } = await look();
    expect(await repair(orphans)).toEqual({ removed: 2 });

    expect([agents.mounts.size, agents.staged.size, cluster.mountPods().length]).toEqual([0, 0, 0]);
    expect((await look()).orphans).toEqual([]);
  });

  it('removes a mount pod that waits for a node and that nobody wants any more', async () => {
    const { cluster, look, repair } = aScene();
    cluster.putPod(
      unschedule(aMountPod({ name: 'waiting' }, { [MOUNT_POD_LABELS.sharingKey]: 'x' })),
    );

    const { orphans } = await look();
    expect(orphans).toMatchObject([{ node: '', kind: 'mountPod', mountPodName: 'waiting' }]);
    expect(await repair(orphans)).toEqual({ removed: 1 });

    expect(cluster.mountPods().map(({ name }) => name)).toEqual(['mp']);
  });

  it('leaves a mount that is accounted for by now', async () => {
    const { agents, repair } = aScene();

    expect(await repair([orphan])).toEqual({ removed: 0 });

    expect(agents.mounts.size).toBe(1);
    expect(agents.calls).toEqual([]);
  });

  it('forces nothing', async () => {
    const { agents, cluster, repair } = aScene();
    cluster.claims.clear();
    agents.failDetach = () => 'IN_USE';

    expect(await repair([orphan])).toEqual({ removed: 0 });

    expect(agents.mounts.size).toBe(1);
    expect(cluster.mountPods()).toHaveLength(1);
  });

  it('goes on when a node does not answer', async () => {
    const { agents, cluster, repair } = aScene();
    cluster.claims.clear();
    agents.isUnreachable = true;

    expect(await repair([orphan])).toEqual({ removed: 0 });
  });

  it('deletes a mount pod that the agent has retired, and no other', async () => {
    const { agents, cluster, repair } = aScene();
    const idle: Orphan = {
      node: 'node1',
      kind: 'mountPod',
      mountPodUid: 'uid-mp',
      mountPodName: 'mp',
    };

    expect(await repair([idle])).toEqual({ removed: 0 });
    expect(cluster.mountPods()).toHaveLength(1);

    agents.mounts.clear();
    agents.staged.clear();
    expect(await repair([idle])).toEqual({ removed: 1 });
    expect(cluster.mountPods()).toEqual([]);
  });

  it('has claims look again, if they still exist', async () => {
    const { rechecked, repair } = aScene();

    await repair([], [CLAIM, { ...CLAIM, uid: 'former' }, { ...CLAIM, name: 'gone' }]);

    expect(rechecked).toEqual(['pictures true']);
  });
});

describe('recordAlarm', () => {
  it('is told on the CSIDriver object', async () => {
    const { cluster, deps } = aScene();

    await recordAlarm(deps, 'too much', () => {});

    expect([...cluster.events.values()]).toEqual([
      expect.objectContaining({
        type: 'Warning',
        reason: 'DriftAuditStopped',
        note: 'too much',
        metadata: expect.objectContaining({ namespace: 'default' }),
        regarding: expect.objectContaining({ kind: 'CSIDriver', uid: 'driver-uid' }),
      }),
    ]);
  });
});
