// What does the claim's status say? (pure)
import type {
  ClaimEvent,
  ClaimIdentity,
  ClaimStatusDraft,
  ConditionDraft,
  FailedPod,
  ObservedClaim,
} from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import { buildConditions } from './conditions.ts';
import type { Outcomes } from './plan.ts';
import { buildPodRows } from './pod-rows.ts';
import type { MountRecord } from './state.ts';

/** Pods that a status lists at most. */
const MAX_PODS = 20;

export interface StatusInput {
  claim: ClaimIdentity;
  observed: ObservedClaim;
  mounts: Record<string, MountRecord>;
  outcomes: Outcomes;
  steering: Steering;
  /** Nodes on which a former workflow of the claim may have left mounts. */
  unsearchedNodes: string[];
}

/** Builds the whole status but for the times of transition. */
export function buildStatus(input: StatusInput): ClaimStatusDraft {
  const { observed } = input;
  const rows = buildPodRows(input);
  const count = (state: string) => rows.filter((row) => row.pod.state === state).length;
  const matched = rows.filter((row) => row.isMatched).length;
  const attached = count('Attached');
  const className = nameClass(observed);
  return {
    observedGeneration: observed.generation,
    provider: observed.provider,
    ...(className ? { storageProviderClassName: className } : {}),
    matched,
    attached,
    failed: rows.filter((row) => row.failure && row.pod.state !== 'Attached').length,
    notInjected: count('NotInjected'),
    attachedOfMatched: `${attached}/${matched}`,
    conditions: buildConditions({ ...input, rows }),
    pods: rows.slice(0, MAX_PODS).map((row) => row.pod),
  };
}

function nameClass(observed: ObservedClaim): string | undefined {
  if (observed.className !== undefined) return observed.className;
  const names = observed.pods.flatMap((pod) => pod.className ?? []);
  return [...new Set(names)].sort().join(',') || undefined;
}

/** The Ready condition of a status. */
export function readReady(status: ClaimStatusDraft | undefined): ConditionDraft | undefined {
  return status?.conditions.find((condition) => condition.type === 'Ready');
}

/** Is `next` another status than the one that was written? */
export function isNews(written: ClaimStatusDraft | undefined, next: ClaimStatusDraft): boolean {
  return JSON.stringify(written) !== JSON.stringify(next);
}

/** As {@link isNews}, whatever the words of the messages. */
export function isOtherState(
  written: ClaimStatusDraft | undefined,
  next: ClaimStatusDraft,
): boolean {
  const formatState = (status: ClaimStatusDraft | undefined) =>
    JSON.stringify(status, (key, value: unknown) => (key === 'message' ? undefined : value));
  return formatState(written) !== formatState(next);
}

/**
 * The Event that a change of the Ready reason deserves; work in progress is not worth one.
 *
 * @param failureReason reason of an Event about a failure
 */
export function buildReadyEvent(
  toldReason: string,
  next: ClaimStatusDraft,
  failureReason: 'AttachFailed' | 'DetachFailed',
): ClaimEvent | undefined {
  const ready = readReady(next);
  if (!ready || ready.reason === toldReason) return undefined;
  const { reason, message } = ready;
  if (ready.status === 'True') return { type: 'Normal', reason, message };
  switch (reason) {
    case 'Attaching':
    case 'Detaching':
    case 'PodStarting':
      return undefined;
    case 'NoMatchingPods':
    case 'Detached':
    case 'Flushing':
      return { type: 'Normal', reason, message };
    case 'NotInjected':
      return { type: 'Warning', reason, message };
    default:
      return { type: 'Warning', reason: failureReason, message: `${reason}: ${message}` };
  }
}

/** Lists the pods that fail, but for those that `written` has already told with the same reason. */
export function listNewFailures(
  written: ClaimStatusDraft | undefined,
  next: ClaimStatusDraft,
): FailedPod[] {
  const told = listFailures(written);
  return listFailures(next).filter(
    (pod) => !told.some(({ uid, reason }) => uid === pod.uid && reason === pod.reason),
  );
}

function listFailures(status: ClaimStatusDraft | undefined): FailedPod[] {
  const failed = status?.pods.filter(({ state }) => state === 'Failed') ?? [];
  return failed.map(({ uid, name, reason = '', message = '' }) => ({ uid, name, reason, message }));
}

/**
 * May an interim status replace what was written? A failure stays in sight while it is tried again,
 * until the outcome is known; a new generation is a new matter.
 */
export function mayShowInterim(
  written: ClaimStatusDraft | undefined,
  interim: ClaimStatusDraft,
): boolean {
  if (!written || written.observedGeneration !== interim.observedGeneration) return true;
  return written.failed === 0 && isNews(written, interim);
}
