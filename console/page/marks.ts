// Which mark stands for a state? (pure; each has a shape of its own, so that nobody needs the colours)
import type { ClaimPod } from '../../api/dynamic-volume-claim.ts';
import type { EdgeState } from '../model/topology.ts';
import type { ClaimPhase, TimelineEntry } from '../model/views.ts';

/** Names a shape and a colour. */
export type MarkKind =
  'ok' | 'busy' | 'waiting' | 'failed' | 'leaving' | 'absent' | 'asked' | 'aside';

export const PHASE_MARKS: Record<ClaimPhase, MarkKind> = {
  Ready: 'ok',
  Reconciling: 'busy',
  Waiting: 'waiting',
  Failed: 'failed',
  Deleting: 'leaving',
};

export const POD_MARKS: Record<ClaimPod['state'], MarkKind> = {
  Attached: 'ok',
  Pending: 'busy',
  Failed: 'failed',
  NotInjected: 'absent',
  Detaching: 'leaving',
};

/** The states that pods have, in words. */
export const POD_WORDS: Record<ClaimPod['state'], string> = {
  Attached: 'attached',
  Pending: 'pending',
  Failed: 'failed',
  NotInjected: 'not injected',
  Detaching: 'detaching',
};

export const EDGE_MARKS: Record<EdgeState, MarkKind> = {
  serving: 'ok',
  starting: 'busy',
  failed: 'failed',
  ending: 'leaving',
};

const OUTCOME_MARKS: Record<TimelineEntry['outcome'], MarkKind> = {
  done: 'ok',
  failed: 'failed',
  canceled: 'leaving',
  open: 'busy',
};

/** The steps between what matters: looks and writes of the status that went well, and waits that are over. */
export function isAside({ kind, outcome }: TimelineEntry): boolean {
  if (kind === 'timer') return outcome !== 'open';
  return (kind === 'look' || kind === 'status') && outcome === 'done';
}

/** What somebody asked for stands out from what followed. */
export function markEntry(entry: TimelineEntry): MarkKind {
  const { kind, outcome } = entry;
  const wasAsked = (kind === 'signal' || kind === 'update') && outcome === 'done';
  if (wasAsked) return 'asked';
  if (isAside(entry)) return 'aside';
  return kind === 'timer' && outcome === 'open' ? 'waiting' : OUTCOME_MARKS[outcome];
}
