// What is the claim for each of its pods, as the status tells it? (pure)
import { ERRORS } from '../api/errors.ts';
import type { ClaimPod } from '../api/dynamic-volume-claim.ts';
import type { Failure, ObservedClaim, ObservedPod } from '../activities/contract.ts';
import type { Outcomes } from './plan.ts';
import type { MountRecord } from './state.ts';

/** One pod of the status, with the failure behind it. */
export interface PodRow {
  pod: ClaimPod;
  failure?: Failure;
}

export interface PodRowsInput {
  observed: ObservedClaim;
  mounts: Record<string, MountRecord>;
  outcomes: Outcomes;
}

/** Longest message of one pod, in characters: twenty of them stay far below the size of an object. */
const MAX_MESSAGE_LENGTH = 512;

const ORDER: Record<ClaimPod['state'], number> = {
  Failed: 0,
  Detaching: 1,
  NotInjected: 2,
  Pending: 3,
  Attached: 4,
};

/** Rows of all pods that count, failures first, then by name. Completed and terminating pods do not count. */
export function buildPodRows(input: PodRowsInput): PodRow[] {
  const matched = input.observed.deleting ? [] : input.observed.pods.filter(isCounted);
  const rows = [
    ...matched.map((pod) => buildMatchedRow(input, pod)),
    ...listLeaving(input, matched).map(([uid, record]) => buildLeavingRow(input, uid, record)),
  ];
  return rows.sort(
    (a, b) => ORDER[a.pod.state] - ORDER[b.pod.state] || (a.pod.name < b.pod.name ? -1 : 1),
  );
}

function isCounted(pod: ObservedPod): boolean {
  return pod.state !== 'completed' && pod.state !== 'terminating';
}

function buildMatchedRow(input: PodRowsInput, pod: ObservedPod): PodRow {
  const base = { name: pod.name, uid: pod.uid, ...(pod.node ? { node: pod.node } : {}) };
  switch (pod.state) {
    case 'notInjected':
      return { pod: { ...base, state: 'NotInjected', reason: 'NotInjected' } };
    case 'ready':
      return buildReadyRow(input, pod, base);
    case 'pending':
    case 'terminating':
    case 'completed':
      return {
        pod: {
          ...base,
          state: 'Pending',
          reason: 'PodStarting',
          ...(pod.startProblem ? { message: shorten(pod.startProblem) } : {}),
        },
      };
  }
}

function buildReadyRow(
  input: PodRowsInput,
  pod: ObservedPod,
  base: Omit<ClaimPod, 'state'>,
): PodRow {
  const outcome = input.outcomes[pod.uid];
  const failure = pod.failure ?? (typeof outcome === 'object' ? outcome : undefined);
  const served = input.mounts[pod.uid]?.served;
  const serves =
    served !== undefined &&
    served.sourceKey === pod.sourceKey &&
    served.readOnly === input.observed.readOnly;
  if (serves) return { pod: { ...base, state: 'Attached' }, ...(failure ? { failure } : {}) };
  if (failure) return buildFailedRow({ ...base, state: 'Failed' }, failure);
  return { pod: { ...base, state: 'Pending', reason: 'Attaching' } };
}

/** Pods that have something of the claim which shall go: all of them once the claim is deleted. */
function listLeaving(input: PodRowsInput, matched: ObservedPod[]): [string, MountRecord][] {
  const staying = new Set(matched.map((pod) => pod.uid));
  const terminating = new Set(
    input.observed.pods.filter((pod) => pod.state === 'terminating').map((pod) => pod.uid),
  );
  return Object.entries(input.mounts).filter(
    ([uid]) => !staying.has(uid) && (input.observed.deleting || !terminating.has(uid)),
  );
}

function buildLeavingRow(input: PodRowsInput, uid: string, record: MountRecord): PodRow {
  const pod: ClaimPod = { name: record.podName, uid, node: record.node, state: 'Detaching' };
  const outcome = input.outcomes[uid];
  return typeof outcome === 'object' ? buildFailedRow(pod, outcome) : { pod };
}

function buildFailedRow(pod: ClaimPod, failure: Failure): PodRow {
  const reason = ERRORS[failure.code].reason;
  return { pod: { ...pod, reason, message: shorten(failure.message) }, failure };
}

/** Cuts a message that came from elsewhere. */
export function shorten(message: string, maxLength = MAX_MESSAGE_LENGTH): string {
  return message.length <= maxLength ? message : `${message.slice(0, maxLength - 1)}…`;
}
