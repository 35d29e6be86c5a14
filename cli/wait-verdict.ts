// Is a claim as somebody waits for it to be? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';

export const WAIT_GOALS = ['ready', 'deleted'] as const;
export type WaitGoal = (typeof WAIT_GOALS)[number];

/** - `never`: it can no longer become so */
export interface WaitVerdict {
  state: 'reached' | 'waiting' | 'never';
  /** How it stands, as the end of a sentence that begins with the claim. */
  words: string;
}

/** @param claim undefined when there is none */
export function judgeWait(claim: DynamicVolumeClaim | undefined, goal: WaitGoal): WaitVerdict {
  return goal === 'deleted' ? judgeDeleted(claim) : judgeReady(claim);
}

function judgeDeleted(claim: DynamicVolumeClaim | undefined): WaitVerdict {
  if (claim === undefined) return { state: 'reached', words: 'is gone' };
  if (claim.metadata.deletionTimestamp === undefined) {
    return { state: 'waiting', words: 'is there, and nobody has deleted it' };
  }
  return { state: 'waiting', words: `is being deleted${describeReason(claim)}` };
}

function judgeReady(claim: DynamicVolumeClaim | undefined): WaitVerdict {
  if (claim === undefined) return { state: 'never', words: 'was deleted' };
  const ready = claim.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) return { state: 'waiting', words: 'is not looked at yet' };
  // A status about another generation says nothing of what is wanted now.
  if ((ready.observedGeneration ?? 0) < claim.metadata.generation) {
    return { state: 'waiting', words: 'was changed and is not looked at again yet' };
  }
  const pods = claim.status?.attachedOfMatched;
  const of = pods === undefined ? '' : ` (${pods} pods)`;
  if (ready.status === 'True') return { state: 'reached', words: `is ready${of}` };
  return { state: 'waiting', words: `is not ready${of}${describeReason(claim)}` };
}

function describeReason({ status }: DynamicVolumeClaim): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined ? '' : `: ${ready.reason}. ${ready.message}`;
}
