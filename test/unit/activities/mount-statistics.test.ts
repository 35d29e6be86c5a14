// Is each mount told of once, with its claim, pod and mount pod?
import { beforeEach, describe, expect, it } from 'vitest';
import { createMountStatistics } from '../../../activities/mount-statistics.ts';
import { COMPONENT_LABEL, COMPONENTS, MOUNT_POD_LABELS } from '../../../api/names.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aPod, KEY_A, KEY_B } from '../../builders/objects.ts';

let cluster: FakeCluster;
let agents: FakeAgents;

function mount(podUid: string, { mountpoint = 'data', node = 'node1', mountPodUid = 'mp-1' } = {}) {
  const sourceKey = KEY_A;
  agents.mounts.set(`${podUid}/${mountpoint}`, {
    node,
    sourceKey,
    readOnly: false,
    mountPodUid,
    bucket: 'photos',
  });
}

function putMountPod(uid: string, { namespace = 'shop', node = 'node1', key = KEY_A } = {}) {
  const labels = {
    [COMPONENT_LABEL]: COMPONENTS.mountPod,
    [MOUNT_POD_LABELS.sharingKey]: key.split('.')[0] ?? '',
  };
  const pod = aPod({ name: `s3-${uid}`, namespace: 'dynvol-mounts', labels, nodeName: node });
  cluster.putPod({ ...pod, uid, servesNamespace: namespace });
}

const read = (namespace?: string) =>
  createMountStatistics({ view: cluster.view, agents }).readMounts(
    namespace === undefined ? undefined : new Set([namespace]),
  );

beforeEach(() => {
  cluster = new FakeCluster();
  agents = new FakeAgents();
  cluster.put(aClaim());
  cluster.putPod(aPod());
  putMountPod('mp-1');
  mount('uid-web-1');
  const counters = { transferredBytes: 4096, errors: 2 };
  agents.statistics.set('mp-1', { ...counters, openFiles: 3, cachedBytes: 512, pendingUploads: 1 });
});

describe('readMounts', () => {
  it('names claim, pod, node and mount pod beside the figures', async () => {
    const { mounts, unreachableNodes } = await read();
    expect(mounts).toEqual([
      {
        namespace: 'shop',
        claim: 'pictures',
        pod: 'web-1',
        node: 'node1',
        mountpoint: 'data',
        mountPod: 's3-mp-1',
        transferredBytes: 4096,
        errors: 2,
        openFiles: 3,
        cachedBytes: 512,
        pendingUploads: 1,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(unreachableNodes).toEqual([]);
  });

  it('gives the share of throttled periods, only with a CPU limit', async () => {
    const figures = { periods: 200, throttledPeriods: 50, throttledMs: 9_000 };
    agents.throttling = [{ mountPodUid: 'mp-1', ...figures }];
    expect((await read()).mounts[0]?.throttledShare).toBe(0.25);
  });

  it('gives every pod of a shared mount pod', async () => {
    cluster.putPod(aPod({ name: 'web-2' }));
    mount('uid-web-2');
    expect((await read()).mounts.map(({ pod }) => pod)).toEqual(['web-1', 'web-2']);
  });

  it('leaves out mounts whose storage client does not answer', async () => {
    agents.statistics.clear();
    expect(await read()).toEqual({ mounts: [], unreachableNodes: [] });
  });

  it('leaves out mounts that no claim accounts for, and those of pods that are not known', async () => {
    mount('uid-web-1', { mountpoint: 'elsewhere' });
    mount('uid-stranger');
    expect((await read()).mounts).toHaveLength(1);
  });

  it('names the older one of two claims for a mountpoint', async () => {
    const metadata = {
      name: 'late',
      uid: 'late-uid',
      creationTimestamp: '2026-02-01T00:00:00Z',
    };
    cluster.claims.clear();
    cluster.put(aClaim({ metadata }));
    cluster.put(aClaim());
    expect((await read()).mounts.map(({ claim }) => claim)).toEqual(['pictures']);
  });

  it('does not believe a mount pod that tells of a source of another sharing key', async () => {
    putMountPod('mp-1', { key: KEY_B });
    expect((await read()).mounts).toEqual([]);
  });

  it('names the nodes whose agent does not answer, and tells of the others', async () => {
    putMountPod('mp-2', { node: 'node2' });
    putMountPod('mp-3', { node: 'node0' });
    agents.unreachableNodes.add('node2').add('node0');
    const { mounts, unreachableNodes } = await read();
    expect(mounts).toHaveLength(1);
    expect(unreachableNodes).toEqual(['node0', 'node2']);
  });

  it('asks only agents of nodes with mount pods for the namespace', async () => {
    putMountPod('mp-2', { node: 'node2', namespace: 'other' });
    agents.unreachableNodes.add('node2');
    expect((await read('shop')).unreachableNodes).toEqual([]);
    expect((await read('shop')).mounts).toHaveLength(1);
    expect((await read('other')).mounts).toEqual([]);
    expect((await read('other')).unreachableNodes).toEqual(['node2']);
  });
});
