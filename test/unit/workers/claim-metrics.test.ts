// What do the caches come to in numbers?
import { describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { COMPONENT_LABEL } from '../../../api/names.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import {
  countClaims,
  countNodesWithoutAgent,
  findLongestDeletion,
  findLongestNotReady,
  noteExcused,
} from '../../../workers/claim-metrics.ts';
import { aClaim, aPod } from '../../builders/objects.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1_000).toISOString();

function aClaimWith(
  ready: { status: 'True' | 'False'; reason: string; secondsAgo: number } | undefined,
  metadata: Partial<DynamicVolumeClaim['metadata']> = {},
): DynamicVolumeClaim {
  const claim = aClaim();
  const conditions = ready && [
    {
      type: 'Ready' as const,
      status: ready.status,
      reason: ready.reason,
      message: '',
      lastTransitionTime: at(ready.secondsAgo),
    },
  ];
  const status = conditions === undefined ? {} : { status: { conditions } };
  return { metadata: { ...claim.metadata, ...metadata }, spec: claim.spec, ...status };
}

const NONE = new Map<string, number>();
const WEEK = 7 * 86_400;

const attached = aClaimWith({ status: 'True', reason: 'Attached', secondsAgo: 9_000 });
const denied = (secondsAgo: number) =>
  aClaimWith({ status: 'False', reason: 'AccessDenied', secondsAgo });
const unseen = aClaimWith(undefined, { creationTimestamp: at(30) });
const deleted = aClaimWith(
  { status: 'False', reason: 'InUse', secondsAgo: 500 },
  { deletionTimestamp: at(500) },
);

describe('countClaims', () => {
  it('counts by the condition Ready, and what nobody has looked at as Unknown', () => {
    expect(countClaims([attached, attached, denied(1), unseen])).toEqual([
      { labels: { ready: 'True', reason: 'Attached' }, value: 2 },
      { labels: { ready: 'False', reason: 'AccessDenied' }, value: 1 },
      { labels: { ready: 'False', reason: 'Unknown' }, value: 1 },
    ]);
  });

  it('makes no series of reasons that somebody has invented', () => {
    const claims = ['x1', 'x2'].map((reason) =>
      aClaimWith({ status: 'False', reason, secondsAgo: 7 }),
    );

    expect(countClaims(claims)).toEqual([
      { labels: { ready: 'False', reason: 'Unknown' }, value: 2 },
    ]);
    expect(findLongestNotReady(claims, NOW, NONE)).toEqual([
      { labels: { reason: 'Unknown' }, value: 7 },
    ]);
  });

  it('tells nothing of no claims', () => {
    expect(countClaims([])).toEqual([]);
  });
});

describe('findLongestNotReady', () => {
  it('tells the longest of each reason, and nothing of what is ready or under deletion', () => {
    const claims = [attached, denied(60), denied(600), denied(6), unseen, deleted];

    expect(findLongestNotReady(claims, NOW, NONE)).toEqual([
      { labels: { reason: 'AccessDenied' }, value: 600 },
      { labels: { reason: 'Unknown' }, value: 30 },
    ]);
  });

  it('tells no negative time when clocks differ', () => {
    expect(findLongestNotReady([denied(-5)], NOW, NONE)[0]?.value).toBe(0);
  });
});

describe('the time of a claim that has been detached by hand for a week', () => {
  const isFor = (reason: string) => aClaimWith({ status: 'False', reason, secondsAgo: WEEK });
  const tell = (reasons: [reason: string, secondsAgo: number][]) => {
    let excused: ReadonlyMap<string, number> = NONE;
    for (const [reason, secondsAgo] of reasons)
      excused = noteExcused([isFor(reason)], NOW - secondsAgo * 1_000, excused);
    const [last] = reasons.at(-1) ?? [''];
    return findLongestNotReady([isFor(last)], NOW, excused)[0]?.value;
  };

  it.each<[string, [string, number][], number]>([
    ['counts while it is', [['Detached', 0]], WEEK],
    [
      'counts from its attach on',
      [
        ['Detached', 70],
        ['MountPodNotReady', 0],
      ],
      70,
    ],
    [
      'goes on when one reason follows another',
      [
        ['Detached', 2_000],
        ['MountPodNotReady', 1_000],
        ['EndpointUnreachable', 0],
      ],
      2_000,
    ],
    ['counts in full for who has not seen it detached', [['MountPodNotReady', 0]], WEEK],
  ])('%s', (_title, reasons, seconds) => {
    expect(tell(reasons)).toBe(seconds);
  });

  it('is forgotten with the claim', () => {
    const seen = noteExcused([isFor('Detached')], NOW, NONE);

    expect([seen.size, noteExcused([], NOW, seen).size]).toEqual([1, 0]);
  });
});

describe('findLongestDeletion', () => {
  it.each([
    ['none', [attached], 0],
    ['one', [attached, deleted], 500],
    ['the oldest of two', [deleted, aClaimWith(undefined, { deletionTimestamp: at(700) })], 700],
  ])('%s', (_title, claims, seconds) => {
    expect(findLongestDeletion(claims, NOW)).toBe(seconds);
  });
});

describe('countNodesWithoutAgent', () => {
  const volumeRoot = { className: 's3', dispatchPolicy: 'independent' };
  const workload = (nodeName: string, change: Partial<PodView> = {}) =>
    aPod({ uid: nodeName, nodeName, volumeRoot, phase: 'Running', ...change });
  const agent = (nodeName: string, change: Partial<PodView> = {}) =>
    aPod({ nodeName, ready: true, labels: { [COMPONENT_LABEL]: 'csi-node' }, ...change });

  it.each([
    ['an agent on each', [workload('a'), workload('b')], [agent('a'), agent('b')], 0],
    ['none on one', [workload('a'), workload('b')], [agent('a')], 1],
    ['two pods on a node without one', [workload('a'), workload('a')], [], 1],
    ['a pod that cannot start without one', [workload('a', { phase: 'Pending' })], [], 1],
    ['a pod that has no node yet', [nodeless(workload('a', { phase: 'Pending' }))], [], 0],
    ['one that is not ready', [workload('a')], [agent('a', { ready: false })], 1],
    ['one that ends', [workload('a')], [agent('a', { terminating: true })], 1],
    ['another component', [workload('a')], [agent('a', { labels: {} })], 1],
    ['a pod without a volume root', [aPod({ nodeName: 'a', phase: 'Running' })].map(bare), [], 0],
    ['a pod that has ended', [workload('a', { phase: 'Succeeded' })], [], 0],
    ['a pod that ends', [workload('a', { terminating: true })], [], 0],
  ])('%s', (_title, pods, agents, count) => {
    expect(countNodesWithoutAgent(pods, agents)).toBe(count);
  });
});

function nodeless(pod: PodView): PodView {
  const copy = { ...pod };
  delete copy.nodeName;
  return copy;
}

function bare(pod: PodView): PodView {
  const copy = { ...pod };
  delete copy.volumeRoot;
  return copy;
}
