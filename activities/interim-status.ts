// What does a person read while an attach takes long?
import { parseSharingKey } from '../api/node-agent.ts';
import { ERRORS } from '../api/errors.ts';
import { isCompleted } from '../watch/pod-state.ts';
import { writeClaimStatus } from './claim-status.ts';
import type { AttachNodeRequest, ClaimStatusDraft } from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { findUsableMountPod } from './mount-pods.ts';
import { describeStartProblem } from './start-problem.ts';

/** Milliseconds between two heartbeats; the answer to a heartbeat brings the cancellation. */
const HEARTBEAT_MS = 500;

/** Milliseconds after which an attach is worth a status of its own. */
const SLOW_MS = 2_000;

export interface InterimStatus {
  /** Ends the heartbeats, waits for a write under way, and tells whether anything may have been written. */
  stop(): Promise<boolean>;
}

/**
 * Beats for an attempt, and from two seconds on shows that the claim is being attached, or why its
 * mount pod does not start. An attach that is quicker costs neither a heartbeat nor a write.
 */
export function startInterimStatus(
  deps: Dependencies,
  request: AttachNodeRequest,
  attempt: Attempt,
): InterimStatus {
  const startedAtMs = performance.now();
  let shown = '';
  let writing: Promise<void> | undefined;

  const show = async (status: ClaimStatusDraft) => {
    try {
      await writeClaimStatus(deps, request.claim, status);
    } catch (error) {
      // The outcome will be written with retries; this was only a courtesy.
      attempt.warn('Could not write the interim status', { err: error });
    } finally {
      writing = undefined;
    }
  };
  const timer = setInterval(() => {
    attempt.heartbeat();
    if (!request.interim || writing || performance.now() - startedAtMs < SLOW_MS) return;
    const status = withStartProblem(request.interim, findStartProblem(deps, request));
    const text = JSON.stringify(status);
    if (text === shown) return;
    shown = text;
    writing = show(status);
  }, HEARTBEAT_MS);

  return {
    async stop() {
      clearInterval(timer);
      await writing;
      const mayBeShown = attempt.isRepeated && request.interim !== undefined;
      return shown !== '' || mayBeShown;
    },
  };
}

function findStartProblem({ view }: Dependencies, request: AttachNodeRequest): string | undefined {
  for (const { sourceKey } of request.targets) {
    const mountPods = view.mountPods(parseSharingKey(sourceKey));
    const mountPod = findUsableMountPod(mountPods) ?? mountPods.find(isCompleted);
    const problem = mountPod && describeStartProblem(view, mountPod);
    if (problem) return problem;
  }
  return undefined;
}

/** The status with the mount pod's trouble as the reason why the claim is not ready. */
export function withStartProblem(
  status: ClaimStatusDraft,
  problem: string | undefined,
): ClaimStatusDraft {
  if (problem === undefined) return status;
  const { reason } = ERRORS.MOUNT_POD_NOT_READY;
  const conditions = status.conditions.map((condition) =>
    condition.type === 'Stalled' ? condition : { ...condition, reason, message: problem },
  );
  return { ...status, conditions };
}
