// Is exactly that found which a former workflow of a claim has left?
import { beforeEach, describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import type { LeftMounts } from '../../../activities/contract.ts';
import { findLeftMounts } from '../../../activities/find-left-mounts.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aPod, CLAIM, KEY_A } from '../../builders/objects.ts';

let cluster: FakeCluster;
let agents: FakeAgents;

function mount(podUid: string, mountpoint = 'data', node = 'node1'): void {
  agents.mounts.set(`${podUid}/${mountpoint}`, {
    node,
    sourceKey: KEY_A,
    readOnly: false,
    mountPodUid: 'mp-1',
    bucket: 'photos',
  });
}

function another(changes: {
  creationTimestamp?: string;
  mountpoint?: string;
  app?: string;
}): DynamicVolumeClaim {
  const { creationTimestamp = '2026-01-02T00:00:00Z', mountpoint = '/data', app = 'web' } = changes;
  return aClaim({
    metadata: { name: 'other', uid: 'other-uid', creationTimestamp },
    spec: { mountpoint, selector: { matchLabels: { app } } },
  });
}

function find(signal = new AbortController().signal): Promise<LeftMounts> {
  const { view, kubernetes } = cluster;
  return findLeftMounts({ view, kubernetes, agents }, CLAIM, { signal });
}

const LEFT = {
  podUid: 'uid-web-1',
  podName: 'web-1',
  node: 'node1',
  mountpoint: 'data',
  sourceKeys: [KEY_A],
};

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.agents.delete('node2');
  cluster.put(aClaim());
  cluster.putPod(aPod());
  agents = new FakeAgents();
});

describe('findLeftMounts', () => {
  it('names what is mounted at the mountpoint in pods of the namespace', async () => {
    cluster.putPod(aPod({ name: 'elsewhere', namespace: 'other' }));
    mount('uid-web-1');
    mount('uid-web-1', 'data/sub');
    mount('uid-elsewhere');

    expect(await find()).toEqual({ mounts: [LEFT], unreachableNodes: [] });
  });

  it('asks each agent once', async () => {
    cluster.agents.set('node2', '127.0.0.1');

    await find();

    expect(agents.calls).toEqual(['list', 'list']);
  });

  it('names what is on a node where the cache knows no pod of the namespace', async () => {
    cluster.lag();
    cluster.agents.set('node2', '127.0.0.1');
    cluster.putPod(aPod({ name: 'web-2', nodeName: 'node2' }));
    mount('uid-web-2', 'data', 'node2');

    const [left] = (await find()).mounts;

    expect(left).toMatchObject({ podName: 'web-2', node: 'node2' });
  });

  it('names what a former selector has left', async () => {
    cluster.putPod(aPod({ labels: {} }));
    mount('uid-web-1');

    expect((await find()).mounts).toEqual([LEFT]);
  });

  it.each<[string, Record<string, string>, Parameters<typeof another>[0], boolean]>([
    ['older', {}, { creationTimestamp: '2025-01-01T00:00:00Z' }, false],
    ['younger', {}, {}, true],
    ['younger, the only one that matches', { app: 'db' }, { app: 'db' }, false],
    ['older, of other pods', {}, { creationTimestamp: '2025-01-01T00:00:00Z', app: 'db' }, true],
    ['at another mountpoint', { app: 'db' }, { app: 'db', mountpoint: '/other' }, true],
  ])('beside a claim that is %s', async (_what, labels, changes, isOurs) => {
    cluster.putPod(aPod({ labels: { app: 'web', ...labels } }));
    cluster.put(another(changes));
    mount('uid-web-1');

    expect((await find()).mounts).toEqual(isOurs ? [LEFT] : []);
  });

  it('does not leave a mount to a claim that only the cache still has', async () => {
    const older = another({ creationTimestamp: '2025-01-01T00:00:00Z' });
    cluster.put(older);
    cluster.lag();
    cluster.claims.delete('shop/other');
    mount('uid-web-1');

    expect((await find()).mounts).toEqual([LEFT]);
  });

  it('finds a pod that only the cache lacks', async () => {
    cluster.pods.clear();
    cluster.lag();
    cluster.putPod(aPod());
    mount('uid-web-1');

    expect((await find()).mounts).toEqual([LEFT]);
  });

  it('leaves a pod that is gone to the kubelet', async () => {
    cluster.pods.clear();
    mount('uid-web-1');

    expect((await find()).mounts).toEqual([]);
  });

  it.each<[string, () => void, string[]]>([
    ['exists', () => undefined, ['node1']],
    ['is gone', () => cluster.nodes.delete('node1'), []],
    ['is not ready', () => cluster.nodesNotReady.add('node1'), []],
    ['has no pod of the namespace', () => cluster.putPod(aPod({ nodeName: 'node2' })), ['node2']],
  ])('waits for the agent of a node that %s', async (_what, change, unreachableNodes) => {
    agents.isUnreachable = true;
    change();

    expect(await find()).toEqual({ mounts: [], unreachableNodes });
  });

  it('does not wait for a node whose pods have no volume root: it may never have had an agent', async () => {
    const { volumeRoot: _, ...bare } = aPod();
    cluster.putPod(bare);
    cluster.agents.clear();
    agents.isUnreachable = true;

    expect((await find()).unreachableNodes).toEqual([]);
  });

  it('finds nothing of a claim that is gone', async () => {
    cluster.claims.clear();
    mount('uid-web-1');

    expect(await find()).toEqual({ mounts: [], unreachableNodes: [] });
  });

  it('ends when it is cancelled', async () => {
    agents.isUnreachable = true;

    await expect(find(AbortSignal.abort(new Error('Cancelled')))).rejects.toThrow('Cancelled');
  });
});
