// Does the plan attach what shall be there and take away what shall not?
import { describe, expect, it } from 'vitest';
import type { ObservedClaim } from '../../../activities/contract.ts';
import type { Steering } from '../../../workflows/commands.ts';
import { planClaim, planCleanUp } from '../../../workflows/plan.ts';
import type { Outcomes, Plan } from '../../../workflows/plan.ts';
import type { MountRecord } from '../../../workflows/state.ts';
import {
  aRecord,
  anObservation,
  anObservedPod,
  CLAIM,
  KEY_A,
  KEY_B,
  PARAMETERS,
} from '../../builders/objects.ts';

/** `attach node1: web-1 A<-B|C` (in place of B, or else of C), `detach node1: web-1 A!` (by force) and the like: a plan that a table can hold. */
function tell({ attach, detach }: Plan): string[] {
  const name = (key: string) => ({ [KEY_A]: 'A', [KEY_B]: 'B' })[key] ?? key;
  return [
    ...attach.map(
      ({ node, targets }) =>
        `attach ${node}: ${targets
          .map((one) => {
            const former = one.replacesSourceKey ? `<-${name(one.replacesSourceKey)}` : '';
            const others = (one.otherSourceKeys ?? []).map((key) => `|${name(key)}`);
            return `${one.podName} ${name(one.sourceKey)}${former}${others.join('')}`;
          })
          .join(', ')}`,
    ),
    ...detach.map(
      ({ node, targets }) =>
        `detach ${node}: ${targets.map((one) => `${one.podName} ${name(one.sourceKey)}${one.force ? '!' : ''}`).join(', ')}`,
    ),
  ];
}

const served = anObservedPod({ mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] } });
const failure = { code: 'ACCESS_DENIED' as const, message: 'no' };

interface Case {
  observed?: Partial<ObservedClaim>;
  mounts?: Record<string, MountRecord>;
  outcomes?: Outcomes;
  steering?: Steering;
  plan: string[];
}

const doubtful = (sourceKey: string) => ({
  sourceKey,
  readOnly: false,
  mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
  isDoubtful: true as const,
});

const NOW_MS = 100_000;
const conflict = { code: 'MOUNTPOINT_CONFLICT' as const, message: 'Claim older has it' };
const detached: Steering = { remounts: 0, detachedSinceMs: 1 };
const inUseFor = (seconds: number) => ({ inUseSinceMs: NOW_MS - seconds * 1_000 });

const cases: Record<string, Case> = {
  'attaches in a ready pod': { plan: ['attach node1: web-1 A'] },
  'replaces what serves, or what a stopped attempt has put there': {
    mounts: {
      'uid-web-1': aRecord({
        sourceKeys: [KEY_B, 'x', 'y'],
        served: doubtful(KEY_B),
      }),
    },
    plan: ['attach node1: web-1 A<-B|y|x'],
  },
  'replaces what a stopped attempt has put there when the former source is wanted again': {
    mounts: {
      'uid-web-1': aRecord({
        sourceKeys: [KEY_A, KEY_B],
        served: doubtful(KEY_A),
      }),
    },
    plan: ['attach node1: web-1 A|B'],
  },
  'does nothing for what is served': {
    observed: { pods: [served] },
    mounts: { 'uid-web-1': aRecord() },
    plan: [],
  },
  'groups pods by node': {
    observed: {
      pods: [
        anObservedPod({ name: 'a', node: 'node2' }),
        anObservedPod({ name: 'b', node: 'node1' }),
        anObservedPod({ name: 'c', node: 'node2' }),
      ],
    },
    plan: ['attach node1: b A', 'attach node2: a A, c A'],
  },
  'leaves pods that are not ready alone': {
    observed: {
      pods: [
        anObservedPod({ name: 'a', state: 'pending' }),
        anObservedPod({ name: 'b', state: 'notInjected' }),
        anObservedPod({ name: 'c', state: 'terminating' }),
        anObservedPod({ name: 'd', state: 'completed' }),
      ],
    },
    plan: [],
  },
  'does not try a pod twice in a round': { outcomes: { 'uid-web-1': failure }, plan: [] },
  'attaches again when the read-only flag changed': {
    observed: { readOnly: true, pods: [served] },
    mounts: { 'uid-web-1': aRecord() },
    plan: ['attach node1: web-1 A'],
  },
  'attaches again when the mount pod was replaced': {
    observed: {
      pods: [anObservedPod({ mountPods: { mountPodUid: 'mp-2', endingMountPodUids: [] } })],
    },
    mounts: { 'uid-web-1': aRecord() },
    plan: ['attach node1: web-1 A'],
  },
  'attaches again when a deleted mount pod has ended': {
    observed: { pods: [served] },
    mounts: {
      'uid-web-1': aRecord({
        served: {
          sourceKey: KEY_A,
          readOnly: false,
          mountPods: { mountPodUid: 'mp-1', endingMountPodUids: ['mp-0'] },
        },
      }),
    },
    plan: ['attach node1: web-1 A'],
  },
  'attaches again when the mount pod is gone': {
    mounts: { 'uid-web-1': aRecord() },
    plan: ['attach node1: web-1 A'],
  },
  'replaces the former source': {
    observed: { pods: [anObservedPod({ sourceKey: KEY_B })] },
    mounts: { 'uid-web-1': aRecord() },
    plan: ['attach node1: web-1 B<-A'],
  },
  'replaces what a lost attempt may have left': {
    mounts: { 'uid-web-1': { ...withoutServed(), sourceKeys: [KEY_B] } },
    plan: ['attach node1: web-1 A<-B'],
  },
  'takes the former source away once its successor serves': {
    observed: { pods: [served] },
    mounts: { 'uid-web-1': aRecord({ sourceKeys: [KEY_B, KEY_A] }) },
    outcomes: { 'uid-web-1': 'attached' },
    plan: ['detach node1: web-1 B'],
  },
  'keeps the former source while its successor fails': {
    observed: { pods: [anObservedPod({ sourceKey: KEY_B })] },
    mounts: { 'uid-web-1': aRecord({ sourceKeys: [KEY_A, KEY_B] }) },
    outcomes: { 'uid-web-1': failure },
    plan: [],
  },
  'detaches from a pod that matches no more': {
    observed: { pods: [] },
    mounts: { 'uid-web-1': aRecord() },
    plan: ['detach node1: web-1 A'],
  },
  'detaches from a completed pod': {
    observed: { pods: [anObservedPod({ state: 'completed' })] },
    mounts: { 'uid-web-1': aRecord() },
    plan: ['detach node1: web-1 A'],
  },
  'lets a terminating pod keep its mount': {
    observed: { pods: [anObservedPod({ state: 'terminating' })] },
    mounts: { 'uid-web-1': aRecord() },
    plan: [],
  },
  'keeps the mount of a pod whose class is gone': {
    observed: {
      pods: [{ uid: 'uid-web-1', name: 'web-1', node: 'node1', state: 'ready', failure }],
    },
    mounts: { 'uid-web-1': aRecord() },
    plan: [],
  },
  'moves with the selector': {
    observed: { pods: [anObservedPod({ name: 'web-2' })] },
    mounts: { 'uid-web-1': aRecord() },
    plan: ['attach node1: web-2 A', 'detach node1: web-1 A'],
  },
  'attaches again what is doubtful': {
    observed: { pods: [served] },
    mounts: {
      'uid-web-1': aRecord({
        served: {
          sourceKey: KEY_A,
          readOnly: false,
          mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
          isDoubtful: true,
        },
      }),
    },
    plan: ['attach node1: web-1 A'],
  },
  'leaves a pod to the older claim': {
    observed: { pods: [anObservedPod({ failure: conflict })] },
    mounts: { 'uid-web-1': aRecord({ sourceKeys: [KEY_B, KEY_A] }) },
    plan: ['detach node1: web-1 B, web-1 A'],
  },
  'attaches nothing where an older claim is': {
    observed: { pods: [anObservedPod({ failure: conflict })] },
    plan: [],
  },
  'lets a terminating pod keep its mount in a conflict': {
    observed: { pods: [anObservedPod({ state: 'terminating', failure: conflict })] },
    mounts: { 'uid-web-1': aRecord() },
    plan: [],
  },
  'takes everything away from a claim that was detached by hand': {
    observed: {
      pods: [
        served,
        anObservedPod({ name: 'web-2' }),
        anObservedPod({ name: 'web-3', state: 'terminating' }),
      ],
    },
    mounts: { 'uid-web-1': aRecord(), 'uid-web-3': aRecord({ podName: 'web-3' }) },
    steering: detached,
    plan: ['detach node1: web-1 A, web-3 A'],
  },
  'is patient before the grace is over': {
    observed: { deleting: true },
    mounts: { 'uid-web-1': aRecord(inUseFor(29)) },
    plan: ['detach node1: web-1 A'],
  },
  'takes away by force once the grace is over': {
    observed: { deleting: true },
    mounts: {
      'uid-web-1': aRecord(inUseFor(30)),
      'uid-web-2': aRecord({ podName: 'web-2', ...inUseFor(1) }),
    },
    plan: ['detach node1: web-1 A!, web-2 A'],
  },
  'keeps to the grace that a person gave': {
    mounts: { 'uid-web-1': aRecord(inUseFor(5)) },
    steering: { ...detached, grace: { seconds: 5, force: false } },
    plan: ['detach node1: web-1 A!'],
  },
  'gives no grace to a forced detach': {
    mounts: { 'uid-web-1': aRecord() },
    steering: { ...detached, grace: { seconds: 0, force: true } },
    plan: ['detach node1: web-1 A!'],
  },
  'never forces a source that was replaced, however long it is in use': {
    observed: { pods: [served] },
    mounts: { 'uid-web-1': aRecord({ sourceKeys: [KEY_B, KEY_A], ...inUseFor(999) }) },
    plan: ['detach node1: web-1 B'],
  },
  'forces the replaced source only after its successor is gone': {
    observed: { deleting: true },
    mounts: { 'uid-web-1': aRecord({ sourceKeys: [KEY_B, KEY_A], ...inUseFor(30) }) },
    plan: ['detach node1: web-1 B, web-1 A!'],
  },
  'takes everything away from a deleted claim': {
    observed: { deleting: true, pods: [served, anObservedPod({ name: 'web-2' })] },
    mounts: {
      'uid-web-1': aRecord({ sourceKeys: [KEY_B, KEY_A] }),
      gone: aRecord({ podName: 'old', node: 'node9' }),
    },
    plan: ['detach node1: web-1 B, web-1 A', 'detach node9: old A'],
  },
};

function withoutServed(): MountRecord {
  const { served: _served, ...record } = aRecord();
  return record;
}

function buildInput({
  observed = {},
  mounts = {},
  outcomes = {},
  steering = { remounts: 0 },
}: Partial<Case>) {
  return {
    claim: CLAIM,
    observed: anObservation(observed),
    mounts,
    outcomes,
    steering,
    nowMs: NOW_MS,
  };
}

describe('planClaim', () => {
  it.each(Object.entries(cases))('%s', (_title, wanted) => {
    const input = buildInput(wanted);

    expect(tell(planClaim(input))).toEqual(wanted.plan);
  });

  it.each([
    [undefined, false],
    [{ seconds: 5, force: false }, false],
    [{ seconds: 0, force: true }, true],
  ])('with the grace %j discards writes: %s', (grace, discards) => {
    const steering = { ...detached, ...(grace ? { grace } : {}) };

    const { detach } = planClaim(buildInput({ mounts: { 'uid-web-1': aRecord() }, steering }));

    expect(detach[0]?.discardWrites).toBe(discards);
  });

  it('sends only the classes that a node needs', () => {
    const { attach } = planClaim(
      buildInput({ observed: { classes: { 's3-sample': PARAMETERS, other: PARAMETERS } } }),
    );

    expect(Object.keys(attach[0]?.classes ?? {})).toEqual(['s3-sample']);
  });

  it('carries the generation to the agent', () => {
    const { attach } = planClaim(buildInput({ observed: { generation: 7 } }));

    expect(attach[0]?.claim).toEqual({ ...CLAIM, generation: 7 });
  });
});

describe('planCleanUp', () => {
  it('needs no object of the claim', () => {
    const input = buildInput({ mounts: { 'uid-web-1': aRecord() } });

    const plan = planCleanUp({ ...input, observed: { generation: 1 } });

    expect(tell(plan)).toEqual(['detach node1: web-1 A']);
  });
});
