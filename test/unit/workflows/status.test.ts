// Does the status say what is, where, and what to do next?
import { describe, expect, it } from 'vitest';
import { ALL_REASONS, Condition } from '../../../api/conditions.ts';
import { DynamicVolumeClaimStatus } from '../../../api/dynamic-volume-claim.ts';
import type { ClaimStatusDraft, Failure, ObservedClaim } from '../../../activities/contract.ts';
import type { Steering } from '../../../workflows/commands.ts';
import type { Outcomes } from '../../../workflows/plan.ts';
import type { MountRecord } from '../../../workflows/state.ts';
import { buildReadyEvent, buildStatus, mayShowInterim } from '../../../workflows/status.ts';
import { aRecord, anObservation, anObservedPod, CLAIM } from '../../builders/objects.ts';

const denied: Failure = { code: 'ACCESS_DENIED', message: 'Denied by the server' };
const unreachable: Failure = { code: 'AGENT_UNREACHABLE', message: 'No agent' };
const inUse: Failure = { code: 'IN_USE', message: 'A process has a file open' };
const web1 = anObservedPod();
const web2 = anObservedPod({ name: 'web-2', node: 'node2' });
const pending = anObservedPod({
  name: 'new',
  state: 'pending',
  startProblem: 'ImagePullBackOff: no such image',
});
const bare = anObservedPod({ name: 'bare', state: 'notInjected' });
const mounts = { 'uid-web-1': aRecord() };
const busy = { 'uid-web-1': aRecord({ inUseSinceMs: Date.parse('2026-01-01T00:00:00Z') }) };
const { sourceKey: _none, ...withoutSource } = web1;
const secretMissing: Failure = {
  code: 'SECRET_MISSING',
  message: 'Secret default/keys is missing',
};
const conflict: Failure = { code: 'MOUNTPOINT_CONFLICT', message: 'Claim older has /data' };
const detached: Steering = { remounts: 0, detachedSinceMs: Date.parse('2026-01-01T00:00:00Z') };

interface Case {
  observed?: Partial<ObservedClaim>;
  mounts?: Record<string, MountRecord>;
  outcomes?: Outcomes;
  steering?: Steering;
  unsearchedNodes?: string[];
  ready: [status: string, reason: string, message: RegExp];
  /** `Reconciling Reason`, `Stalled Reason`. */
  also?: string[];
  attachedOfMatched: string;
}

const cases: Record<string, Case> = {
  'served in all pods': {
    mounts,
    ready: ['True', 'Attached', /^Served at \/data in 1 pod$/],
    attachedOfMatched: '1/1',
  },
  'no pod matches': {
    observed: { pods: [] },
    ready: ['False', 'NoMatchingPods', /namespace "shop" .*app=web/],
    attachedOfMatched: '0/0',
  },
  'only completed and terminating pods match': {
    observed: {
      pods: [
        anObservedPod({ state: 'completed' }),
        anObservedPod({ name: 'b', state: 'terminating' }),
      ],
    },
    ready: ['False', 'NoMatchingPods', /./],
    attachedOfMatched: '0/0',
  },
  'no matching pod is injected': {
    observed: { pods: [bare] },
    ready: ['False', 'NotInjected', /bare.*volume-mount-path-root/],
    attachedOfMatched: '0/1',
  },
  'one of two pods is not injected': {
    observed: { pods: [web1, bare] },
    mounts,
    ready: ['True', 'Attached', /1 pod; 1 pod without a volume root/],
    attachedOfMatched: '1/2',
  },
  'a pod starts while another is served': {
    observed: { pods: [web1, pending] },
    mounts,
    ready: ['True', 'Attached', /./],
    also: ['Reconciling PodStarting'],
    attachedOfMatched: '1/2',
  },
  'all pods are starting': {
    observed: { pods: [pending] },
    ready: ['False', 'PodStarting', /new: ImagePullBackOff/],
    also: ['Reconciling PodStarting'],
    attachedOfMatched: '0/1',
  },
  'a source of another flag is mounted': {
    observed: { readOnly: true },
    mounts,
    ready: ['False', 'Attaching', /1 pod on node1/],
    also: ['Reconciling Attaching'],
    attachedOfMatched: '0/1',
  },
  'attaching is under way': {
    ready: ['False', 'Attaching', /1 pod on node1/],
    also: ['Reconciling Attaching'],
    attachedOfMatched: '0/1',
  },
  'a failure that a person must mend': {
    observed: { pods: [web1, web2] },
    mounts,
    outcomes: { 'uid-web-2': denied },
    ready: ['False', 'AccessDenied', /^Denied by the server \(pod web-2 on node node2\)$/],
    also: ['Stalled AccessDenied'],
    attachedOfMatched: '1/2',
  },
  'a failure that may mend itself': {
    outcomes: { 'uid-web-1': unreachable },
    ready: ['False', 'AgentUnreachable', /No agent/],
    also: ['Reconciling AgentUnreachable'],
    attachedOfMatched: '0/1',
  },
  'both kinds of failure: what a person must mend comes first': {
    observed: { pods: [web1, web2] },
    outcomes: { 'uid-web-1': unreachable, 'uid-web-2': denied },
    ready: ['False', 'AccessDenied', /web-2 on node node2, and 1 pod more/],
    also: ['Reconciling AgentUnreachable', 'Stalled AccessDenied'],
    attachedOfMatched: '0/2',
  },
  'the class of the claim does not exist': {
    observed: {
      className: 'nope',
      failure: { code: 'CLASS_NOT_FOUND', message: 'No class nope' },
      pods: [],
    },
    ready: ['False', 'ClassNotFound', /No class nope/],
    also: ['Stalled ClassNotFound'],
    attachedOfMatched: '0/0',
  },
  'the former mount of a pod that matches no more is busy': {
    observed: { pods: [web1] },
    mounts: { ...mounts, old: aRecord({ podName: 'old' }) },
    outcomes: { old: inUse },
    ready: ['True', 'Attached', /./],
    also: ['Reconciling InUse'],
    attachedOfMatched: '1/1',
  },
  'the clean-up after a swap failed': {
    mounts,
    outcomes: { 'uid-web-1': unreachable },
    ready: ['True', 'Attached', /./],
    also: ['Reconciling AgentUnreachable'],
    attachedOfMatched: '1/1',
  },
  'a deleted claim is busy': {
    observed: { deleting: true },
    mounts,
    outcomes: { 'uid-web-1': inUse },
    ready: ['False', 'InUse', /A process has a file open \(pod web-1 on node node1\)/],
    also: ['Reconciling InUse'],
    attachedOfMatched: '0/0',
  },
  'the Secret is gone while the storage is served': {
    observed: { pods: [{ ...withoutSource, failure: secretMissing }] },
    mounts,
    ready: ['True', 'Attached', /^Served at/],
    also: ['Stalled SecretMissing'],
    attachedOfMatched: '1/1',
  },
  'the Secret is gone before anything was served': {
    observed: { pods: [{ ...withoutSource, failure: secretMissing }] },
    ready: ['False', 'SecretMissing', /default\/keys is missing/],
    also: ['Stalled SecretMissing'],
    attachedOfMatched: '0/1',
  },
  'an older claim has the mountpoint': {
    observed: { pods: [{ ...web1, failure: conflict }] },
    mounts,
    ready: ['False', 'MountpointConflict', /^Claim older has \/data \(pod web-1/],
    also: ['Stalled MountpointConflict'],
    attachedOfMatched: '0/1',
  },
  'something else is mounted there for now': {
    outcomes: { 'uid-web-1': { code: 'MOUNTPOINT_OCCUPIED', message: 'Another mount is there' } },
    ready: ['False', 'MountpointConflict', /Another mount/],
    also: ['Reconciling MountpointConflict'],
    attachedOfMatched: '0/1',
  },
  'a container does not see the mount': {
    outcomes: {
      'uid-web-1': { code: 'PROPAGATION_MISSING', message: 'Container app lacks it' },
    },
    ready: ['False', 'PropagationMissing', /Container app lacks/],
    also: ['Stalled PropagationMissing'],
    attachedOfMatched: '0/1',
  },
  'writes wait for their upload before a swap': {
    observed: { pods: [{ ...web1, sourceKey: 'c.1' }] },
    mounts,
    outcomes: { 'uid-web-1': { code: 'FLUSHING', message: '3 files wait for their upload' } },
    ready: ['False', 'Flushing', /^3 files wait/],
    also: ['Reconciling Flushing'],
    attachedOfMatched: '0/1',
  },
  'writes of a deleted claim wait for their upload': {
    observed: { deleting: true },
    mounts,
    outcomes: { 'uid-web-1': { code: 'FLUSHING', message: '3 files wait for their upload' } },
    ready: ['False', 'Flushing', /^3 files wait/],
    also: ['Reconciling Flushing'],
    attachedOfMatched: '0/0',
  },
  'detached by hand': {
    steering: detached,
    ready: [
      'False',
      'Detached',
      /^Detached by hand since 2026-01-01T00:00:00Z; .*: `kubectl dynvol attach pictures -n shop`$/,
    ],
    attachedOfMatched: '0/1',
  },
  'detached by hand, but busy': {
    mounts: busy,
    outcomes: { 'uid-web-1': inUse },
    steering: detached,
    ready: [
      'False',
      'Detached',
      /still mounted in 1 pod: A process has a file open; taken away by force at 2026-01-01T00:00:30Z \(pod web-1/,
    ],
    also: ['Reconciling InUse'],
    attachedOfMatched: '0/1',
  },
  'detached by hand, with a class that does not exist': {
    observed: { failure: { code: 'CLASS_NOT_FOUND', message: 'No class nope' } },
    steering: detached,
    ready: ['False', 'Detached', /./],
    attachedOfMatched: '0/1',
  },
  'detached by hand and deleted': {
    observed: { deleting: true },
    mounts,
    steering: detached,
    ready: ['False', 'Detaching', /./],
    also: ['Reconciling Detaching'],
    attachedOfMatched: '0/0',
  },
  'a deleted claim is busy and will be forced': {
    observed: { deleting: true },
    mounts: busy,
    outcomes: { 'uid-web-1': inUse },
    ready: ['False', 'InUse', /file open; taken away by force at 2026-01-01T00:00:30Z/],
    also: ['Reconciling InUse'],
    attachedOfMatched: '0/0',
  },
  'a node could not be asked for left mounts': {
    mounts,
    unsearchedNodes: ['node7'],
    ready: ['True', 'Attached', /./],
    also: ['Reconciling AgentUnreachable'],
    attachedOfMatched: '1/1',
  },
  'a node could not be asked for left mounts of a deleted claim': {
    observed: { deleting: true },
    unsearchedNodes: ['node7'],
    ready: ['False', 'AgentUnreachable', /^The node agent of node7 does not answer/],
    also: ['Reconciling AgentUnreachable'],
    attachedOfMatched: '0/0',
  },
  'a deleted claim is being detached': {
    observed: { deleting: true },
    mounts,
    ready: ['False', 'Detaching', /1 pod/],
    also: ['Reconciling Detaching'],
    attachedOfMatched: '0/0',
  },
};

type Situation = Omit<Case, 'ready' | 'also' | 'attachedOfMatched'>;

function build(changes: Situation): ClaimStatusDraft {
  return buildStatus({
    claim: CLAIM,
    observed: anObservation(changes.observed),
    mounts: changes.mounts ?? {},
    outcomes: changes.outcomes ?? {},
    steering: changes.steering ?? { remounts: 0 },
    unsearchedNodes: changes.unsearchedNodes ?? [],
  });
}

describe('buildStatus', () => {
  it.each(Object.entries(cases))('%s', (_title, wanted) => {
    const status = build(wanted);

    const [ready, ...others] = status.conditions;
    expect([ready?.status, ready?.reason]).toEqual(wanted.ready.slice(0, 2));
    expect(ready?.message).toMatch(wanted.ready[2]);
    expect(others.map((one) => `${one.type} ${one.reason}`)).toEqual(wanted.also ?? []);
    expect(status.attachedOfMatched).toBe(wanted.attachedOfMatched);
  });

  it.each(Object.entries(cases))('fits the schema when %s', (_title, wanted) => {
    const status = build(wanted);

    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const conditions = status.conditions.map((one) => ({ ...one, lastTransitionTime }));
    expect(() => DynamicVolumeClaimStatus.parse({ ...status, conditions })).not.toThrow();
    for (const condition of conditions) {
      expect(() => Condition.parse(condition)).not.toThrow();
      expect(ALL_REASONS).toContain(condition.reason);
    }
  });

  it('lists at most 20 pods, failures first', () => {
    const pods = Array.from({ length: 30 }, (_, i) => anObservedPod({ name: `web-${10 + i}` }));

    const status = build({ observed: { pods }, outcomes: { 'uid-web-39': denied } });

    expect(status.pods).toHaveLength(20);
    expect(status.pods[0]).toMatchObject({
      name: 'web-39',
      state: 'Failed',
      reason: 'AccessDenied',
    });
    expect(status).toMatchObject({ matched: 30, failed: 1 });
  });

  it('cuts long messages', () => {
    const status = build({ outcomes: { 'uid-web-1': { ...denied, message: 'x'.repeat(9_000) } } });

    expect(status.conditions[0]?.message.length).toBeLessThanOrEqual(1_024);
    expect(status.pods[0]?.message?.length).toBeLessThanOrEqual(512);
  });
});

describe('buildReadyEvent', () => {
  it.each<[string, string, Situation, string | undefined]>([
    ['', 'a mounted claim', { mounts }, 'Normal Attached'],
    ['Attached', 'the same reason', { mounts }, undefined],
    ['Attached', 'a failure', { outcomes: { 'uid-web-1': denied } }, 'Warning AttachFailed'],
    ['', 'work in progress', {}, undefined],
    ['', 'no pod', { observed: { pods: [] } }, 'Normal NoMatchingPods'],
    ['Attached', 'a detach by hand', { steering: detached }, 'Normal Detached'],
  ])('after %j tells of %s', (told, _what, changes, wanted) => {
    const event = buildReadyEvent(told, build(changes), 'AttachFailed');

    expect(event && `${event.type} ${event.reason}`).toBe(wanted);
  });

  it.each<[Failure, string]>([
    [inUse, 'Warning DetachFailed'],
    [unreachable, 'Warning DetachFailed'],
    [{ code: 'FLUSHING', message: '3 files wait' }, 'Normal Flushing'],
  ])('tells of a deleted claim with %j', (failure, wanted) => {
    const next = build({
      observed: { deleting: true },
      mounts,
      outcomes: { 'uid-web-1': failure },
    });

    const event = buildReadyEvent('Attached', next, 'DetachFailed');

    expect(event && `${event.type} ${event.reason}`).toBe(wanted);
  });
});

describe('mayShowInterim', () => {
  it('keeps a failure in sight while it is tried again', () => {
    const failed = build({ outcomes: { 'uid-web-1': denied } });

    expect(mayShowInterim(failed, build({}))).toBe(false);
    expect(mayShowInterim(failed, build({ observed: { generation: 2 } }))).toBe(true);
    expect(mayShowInterim(undefined, build({}))).toBe(true);
    expect(mayShowInterim(build({ mounts }), build({}))).toBe(true);
    expect(mayShowInterim(build({}), build({}))).toBe(false);
  });
});
