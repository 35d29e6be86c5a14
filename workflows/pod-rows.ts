// What is the claim for each of its pods, as the status tells it? (pure)
import { ERRORS } from '../api/errors.ts';
import type { ClaimPod } from '../api/dynamic-volume-claim.ts';
import type { Failure, ObservedClaim, ObservedPod } from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import { readForceTimeMs } from './grace.ts';
import { isLeaving } from './leaving.ts';
import type { Outcomes } from './plan.ts';
import type { MountRecord } from './state.ts';
import { formatTime, MAX_TEXT_LENGTH, shorten } from './text.ts';

/** One pod of the status, with the failure behind it. */
export interface PodRow {
  pod: ClaimPod;
  failure?: Failure;
  /** The selector matches it, and it is neither finished nor terminating. */
  isMatched: boolean;
}

export interface PodRowsInput {
  observed: ObservedClaim;
  mounts: Record<string, MountRecord>;
  outcomes: Outcomes;
  steering: Steering;
}

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
    ...matched.map((pod) => ({ ...buildMatchedRow(input, pod), isMatched: true })),
    ...listLeaving(input, matched).map(([uid, record]) => ({
      ...buildLeavingRow(input, uid, record),
      isMatched: false,
    })),
  ];
  return rows.sort(
    (a, b) => ORDER[a.pod.state] - ORDER[b.pod.state] || (a.pod.name < b.pod.name ? -1 : 1),
  );
}

function isCounted(pod: ObservedPod): boolean {
  return pod.state !== 'completed' && pod.state !== 'terminating';
}

type Row = Omit<PodRow, 'isMatched'>;

function buildMatchedRow(input: PodRowsInput, pod: ObservedPod): Row {
  const base = { name: pod.name, uid: pod.uid, ...(pod.node ? { node: pod.node } : {}) };
  if (pod.state === 'notInjected') {
    return { pod: { ...base, state: 'NotInjected', reason: 'NotInjected' } };
  }
  if (input.steering.detachedSinceMs !== undefined) return buildKeptAwayRow(input, pod, base);
  if (pod.state === 'ready') return buildReadyRow(input, pod, base);
  const message = pod.startProblem ? { message: shorten(pod.startProblem) } : {};
  return { pod: { ...base, state: 'Pending', reason: 'PodStarting', ...message } };
}

/** A pod of a claim that was detached by hand. */
function buildKeptAwayRow(
  input: PodRowsInput,
  pod: ObservedPod,
  base: Omit<ClaimPod, 'state'>,
): Row {
  const record = input.mounts[pod.uid];
  if (record) return buildLeavingRow(input, pod.uid, record);
  return { pod: { ...base, state: 'Pending', reason: 'Detached' } };
}

function buildReadyRow(input: PodRowsInput, pod: ObservedPod, base: Omit<ClaimPod, 'state'>): Row {
  const outcome = input.outcomes[pod.uid];
  const failure = pod.failure ?? (typeof outcome === 'object' ? outcome : undefined);
  if (isServing(input, pod)) {
    return { pod: { ...base, state: 'Attached' }, ...(failure ? { failure } : {}) };
  }
  if (failure) return buildFailedRow({ ...base, state: 'Failed' }, failure);
  return { pod: { ...base, state: 'Pending', reason: 'Attaching' } };
}

/** Without a source to be wanted, because a Secret is gone for example, that which serves is left alone. */
function isServing(input: PodRowsInput, pod: ObservedPod): boolean {
  const served = input.mounts[pod.uid]?.served;
  if (!served || served.readOnly !== input.observed.readOnly) return false;
  if (pod.failure) return !isLeaving(input, pod.uid);
  return served.sourceKey === pod.sourceKey && !served.isDoubtful;
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

function buildLeavingRow(input: PodRowsInput, uid: string, record: MountRecord): Row {
  const pod: ClaimPod = { name: record.podName, uid, node: record.node, state: 'Detaching' };
  const outcome = input.outcomes[uid];
  if (typeof outcome !== 'object') return { pod };
  return buildFailedRow(pod, withForceTime(outcome, record, input.steering));
}

function withForceTime(failure: Failure, record: MountRecord, steering: Steering): Failure {
  const forceAtMs = readForceTimeMs(record, steering);
  if (failure.code !== 'IN_USE' || forceAtMs === undefined) return failure;
  const message = shorten(failure.message, MAX_TEXT_LENGTH - 60);
  return { ...failure, message: `${message}; taken away by force at ${formatTime(forceAtMs)}` };
}

function buildFailedRow(pod: ClaimPod, failure: Failure): Row {
  const reason = ERRORS[failure.code].reason;
  return { pod: { ...pod, reason, message: shorten(failure.message) }, failure };
}
