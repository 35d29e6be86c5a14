// How is a plan carried out?
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type {
  AttachNodeRequest,
  ClaimStatusDraft,
  DetachNodeRequest,
  Failure,
} from '../activities/contract.ts';
import { onNode } from './activity-options.ts';
import type { Outcomes, Plan } from './plan.ts';
import { noteAttachAttempt, noteAttached, noteDetachAttempt, noteDetached } from './state.ts';
import type { ClaimState } from './state.ts';
import { describeAttach, describeDetach } from './summaries.ts';

export interface Round {
  state: ClaimState;
  outcomes: Outcomes;
  /** Status to show if attaching takes long. */
  interim?: ClaimStatusDraft;
}

/**
 * Carries out a plan, all nodes at once, and enters what came of it in the round's state and outcomes.
 *
 * @throws CancelledFailure the scope was cancelled; every attempt has ended by then
 */
export async function applyPlan(plan: Plan, round: Round): Promise<void> {
  for (const request of plan.attach) noteAttachAttempt(round.state, request);
  for (const request of plan.detach) noteDetachAttempt(round.state, request);
  await Promise.all([
    ...plan.attach.map((request) => attachOnNode(request, round)),
    ...plan.detach.map((request) => detachOnNode(request, round)),
  ]);
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
}

async function attachOnNode(request: AttachNodeRequest, round: Round): Promise<void> {
  const summary = describeAttach(request);
  const input = round.interim ? { ...request, interim: round.interim } : request;
  try {
    const answer = await onNode.attachNode.executeWithOptions({ summary }, [input]);
    if (answer.wroteInterim) delete round.state.written;
    for (const result of answer.results) {
      noteAttached(round.state, request, result);
      round.outcomes[result.podUid] = result.failure ?? 'attached';
    }
  } catch (error) {
    // The attempt may have written it before it was stopped.
    if (round.interim) delete round.state.written;
    noteUnknownOutcome(round, request.targets, error);
  }
}

async function detachOnNode(request: DetachNodeRequest, round: Round): Promise<void> {
  const summary = describeDetach(request);
  try {
    const answer = await onNode.detachNode.executeWithOptions({ summary }, [request]);
    for (const result of answer.results) {
      noteDetached(round.state, result, Date.now());
      if (result.failure) round.outcomes[result.podUid] = result.failure;
    }
  } catch (error) {
    noteUnknownOutcome(round, request.targets, error);
  }
}

/** Whatever the attempt did stays in the state, which was told before; only the next round knows more. */
function noteUnknownOutcome(round: Round, targets: { podUid: string }[], error: unknown): void {
  const failure: Failure = { code: 'INTERNAL', message: describe(error) };
  if (isCancellation(error)) failure.message = 'Stopped because the claim changed';
  for (const target of targets) round.outcomes[target.podUid] = failure;
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
