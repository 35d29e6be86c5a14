// What does one claim's workflow carry along?
import { setCurrentDetails } from '@temporalio/workflow';
import type { ClaimIdentity, ClaimStatusDraft } from '../activities/contract.ts';
import { buildIntent } from './intent.ts';
import type { Intent } from './intent.ts';
import { buildCurrentDetails } from './progress.ts';
import type { NextStep } from './progress.ts';
import { buildFreshState } from './state.ts';
import type { ClaimState } from './state.ts';

/** Input of the workflow; what is optional comes only from continue-as-new. */
export interface ClaimInput extends ClaimIdentity {
  state?: ClaimState;
  deleting?: boolean;
}

export interface Life {
  claim: ClaimIdentity;
  state: ClaimState;
  intent: Intent;
  /** No look has shown yet whether a former workflow of the claim was told to detach it. */
  mayBeDetached: boolean;
  /** The status was written by the run before, whose code may have used other words. */
  isWrittenBefore: boolean;
  /** What is attached where, in words; absent until the first look. */
  what?: string;
  /** Status as the workflow sees it, written or not; absent until the first look. */
  status?: ClaimStatusDraft;
  next: NextStep;
}

/** Begins with nothing, or where the run before has stopped. */
export function buildLife({ namespace, name, uid, ...former }: ClaimInput): Life {
  const state = former.state ?? buildFreshState();
  return {
    claim: { namespace, name, uid },
    state,
    intent: buildIntent(state.generation, former.deleting ?? false),
    mayBeDetached: former.state === undefined,
    isWrittenBefore: state.written !== undefined,
    ...(state.written ? { status: state.written } : {}),
    next: { kind: 'look' },
  };
}

/** Shows in Temporal's UI what is and what comes next. Costs no history. */
export function show(life: Life, changes: Partial<Pick<Life, 'status' | 'next'>>): void {
  Object.assign(life, changes);
  const { claim, what, status, next, state } = life;
  const { steering } = state;
  const input = { claim, ...(what ? { what } : {}), status, next, steering };
  setCurrentDetails(buildCurrentDetails(input));
}
