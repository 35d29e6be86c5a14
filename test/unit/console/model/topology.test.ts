// Which mount pods serve a claim's pods, and what does the tree of a claim show?
import { describe, expect, it } from 'vitest';
import type { ClaimPod, DynamicVolumeClaim } from '../../../../api/dynamic-volume-claim.ts';
import { MOUNT_POD_LABELS } from '../../../../api/names.ts';
import { buildClaimDetail } from '../../../../console/model/detail.ts';
import { buildMountPodViews } from '../../../../console/model/mount-pods.ts';
import { buildTopology } from '../../../../console/model/topology.ts';
import type { EdgeState } from '../../../../console/model/topology.ts';
import type { PodView } from '../../../../watch/cluster-view.ts';
import { aMountPod, aSharedMountPod } from '../../../builders/mount-pods.ts';
import { aClaim, aPod } from '../../../builders/objects.ts';

const SHARED = { volumeRoot: { className: 's3-sample', dispatchPolicy: 'shared' } };

function withPods(pods: ClaimPod[], matched = pods.length): DynamicVolumeClaim {
  return { ...aClaim(), status: { observedGeneration: 1, matched, pods } };
}

function aRow(
  name: string,
  state: ClaimPod['state'],
  node: string | undefined = 'node1',
): ClaimPod {
  return { name, uid: `uid-${name}`, state, ...(node ? { node } : {}) };
}

describe('mount pods of a claim', () => {
  const claim = aClaim();

  it('are those of its pods, with the pods that each serves', () => {
    const pods = [aPod(), aPod({ name: 'web-2' }), aPod({ name: 'db-1', labels: { app: 'db' } })];
    const mountPods = ['web-1', 'web-2', 'db-1'].map((name) => aMountPod(name));
    expect(buildMountPodViews(claim, pods, mountPods)).toEqual([
      {
        name: 's3-web-1',
        uid: 'uid-s3-web-1',
        node: 'node1',
        state: 'Running',
        shared: false,
        pods: ['web-1'],
      },
      expect.objectContaining({ name: 's3-web-2', pods: ['web-2'] }),
    ]);
  });

  it('are shared ones of the node for pods that share, and no others', () => {
    const pods = [
      aPod({ name: 'b', ...SHARED }),
      aPod({ name: 'a', ...SHARED }),
      aPod({ name: 'alone' }),
      aPod({ name: 'elsewhere', nodeName: 'node2', ...SHARED }),
    ];
    const [view, ...others] = buildMountPodViews(claim, pods, [aSharedMountPod('shop')]);
    expect(view).toMatchObject({ shared: true, pods: ['a', 'b'] });
    expect(others).toEqual([]);
    expect(buildMountPodViews(claim, pods, [aSharedMountPod('other')])).toEqual([]);
  });

  it('are still told of for a pod that the selector has left, until its storage is away', () => {
    const left = aPod({ name: 'old', labels: {} });
    expect(buildMountPodViews(claim, [left], [aMountPod('old')])).toEqual([]);
    const told = withPods([aRow('old', 'Detaching')]);
    expect(buildMountPodViews(told, [left], [aMountPod('old')])).toHaveLength(1);
  });

  it.each<[string, Partial<PodView>]>([
    ['Running', {}],
    ['Pending', { phase: 'Pending' }],
    [
      'ImagePullBackOff',
      { phase: 'Pending', startProblem: { reason: 'ImagePullBackOff', message: '' } },
    ],
    ['CrashLoopBackOff', { startProblem: { reason: 'CrashLoopBackOff', message: '' } }],
    ['Evicted', { phase: 'Failed', startProblem: { reason: 'Evicted', message: '' } }],
    ['Ending', { terminating: true, startProblem: { reason: 'Evicted', message: '' } }],
    ['Ending', { phase: 'Succeeded' }],
  ])('are %s (%#)', (state, changes) => {
    const [view] = buildMountPodViews(claim, [aPod()], [aMountPod('web-1', changes)]);
    expect(view?.state).toBe(state);
  });

  it('are on the node of their label before they are scheduled', () => {
    const { nodeName: _, ...waiting } = aMountPod('web-1', { phase: 'Pending' });
    waiting.labels[MOUNT_POD_LABELS.node] = 'node1';
    expect(buildMountPodViews(claim, [aPod()], [waiting])[0]?.node).toBe('node1');
  });
});

describe('tree of a claim', () => {
  it('is the same whatever the order of what is known', () => {
    const rows = [
      aRow('web-2', 'Attached', 'node2'),
      aRow('web-1', 'Attached'),
      aRow('web-3', 'Pending', ''),
    ];
    const pods = [aPod({ name: 'web-2', nodeName: 'node2' }), aPod()];
    const mountPods = [aMountPod('web-2', { nodeName: 'node2' }), aMountPod('web-1')];
    const build = (claim: DynamicVolumeClaim, reverse: boolean) => {
      const order = <T>(list: T[]): T[] => (reverse ? list.toReversed() : list);
      return buildTopology(
        buildClaimDetail({ claim, pods: order(pods), mountPods: order(mountPods) }),
      );
    };
    const tree = build(withPods(rows), false);
    expect(build(withPods(rows.toReversed()), true)).toEqual(tree);
    expect(tree.nodes.map(({ name, pods }) => [name, pods.map((pod) => pod.name)])).toEqual([
      ['node1', ['web-1']],
      ['node2', ['web-2']],
      ['', ['web-3']],
    ]);
    expect(tree.edges).toEqual([
      { podUid: 'uid-web-1', mountPodUid: 'uid-s3-web-1', state: 'serving' },
      { podUid: 'uid-web-2', mountPodUid: 'uid-s3-web-2', state: 'serving' },
    ]);
  });

  it.each<[EdgeState, ClaimPod['state'], Partial<PodView>]>([
    ['serving', 'Attached', {}],
    ['starting', 'Attached', { phase: 'Pending' }],
    ['failed', 'Attached', { startProblem: { reason: 'CrashLoopBackOff', message: '' } }],
    ['ending', 'Attached', { terminating: true }],
    ['starting', 'Pending', {}],
    ['failed', 'Failed', {}],
    ['ending', 'Detaching', {}],
  ])('shows the way as %s to a pod that is %s (%#)', (state, podState, changes) => {
    const detail = buildClaimDetail({
      claim: withPods([aRow('web-1', podState)]),
      pods: [aPod()],
      mountPods: [aMountPod('web-1', changes)],
    });
    expect(buildTopology(detail).edges).toEqual([expect.objectContaining({ state })]);
  });

  it('says how many pods it leaves out, and draws no way to them', () => {
    const pods = [aPod({ name: 'web-1', ...SHARED }), aPod({ name: 'web-2', ...SHARED })];
    const claim = withPods([aRow('web-1', 'Attached')], 2);
    const detail = buildClaimDetail({ claim, pods, mountPods: [aSharedMountPod('shop')] });
    expect(detail.mountPods[0]?.pods).toEqual(['web-1', 'web-2']);
    const tree = buildTopology(detail);
    expect(tree.morePods).toBe(1);
    expect(tree.edges.map(({ podUid }) => podUid)).toEqual(['uid-web-1']);
  });

  it('is a claim alone when nothing matches', () => {
    const tree = buildTopology(buildClaimDetail({ claim: aClaim(), pods: [], mountPods: [] }));
    expect(tree).toMatchObject({ claim: { name: 'pictures' }, nodes: [], edges: [], morePods: 0 });
  });
});

it('gives the explanation only if the workflow has answered', () => {
  const input = { claim: aClaim(), pods: [], mountPods: [] };
  expect(buildClaimDetail(input)).not.toHaveProperty('explanation');
  expect(buildClaimDetail({ ...input, explanation: 'All is well.' }).explanation).toBe(
    'All is well.',
  );
});
