// By which values are claims' workflows found in Temporal? (pure)
import type { ClaimStatusDraft } from '../activities/contract.ts';
import { readReady } from './status.ts';

/** What a claim is at, as a search attribute. */
export type Phase = 'Pending' | 'Attached' | 'Failed' | 'Detached' | 'Detaching';

/** The search attributes that change; namespace and name are set at the start. */
export interface SearchValues {
  phase: Phase;
  className: string;
  attached: number;
  matched: number;
}

/** Builds the search attributes that a status means. */
export function buildSearchValues(status: ClaimStatusDraft): SearchValues {
  const { storageProviderClassName: className = '', attached = 0, matched = 0 } = status;
  return { phase: findPhase(status), className, attached, matched };
}

/** Those of a claim that is taken away; they stay when its workflow has ended. */
export function buildDetachingValues(former: SearchValues | undefined): SearchValues {
  return { phase: 'Detaching', className: former?.className ?? '', attached: 0, matched: 0 };
}

function findPhase(status: ClaimStatusDraft): Phase {
  const ready = readReady(status);
  if (ready?.status === 'True') return 'Attached';
  switch (ready?.reason) {
    case 'Detached':
      return 'Detached';
    case 'Attaching':
    case 'PodStarting':
    case 'NoMatchingPods':
    case undefined:
      return 'Pending';
    default:
      return 'Failed';
  }
}

/** Would setting `next` change nothing? */
export function isSameSearch(former: SearchValues | undefined, next: SearchValues): boolean {
  return (
    former?.phase === next.phase &&
    former.className === next.className &&
    former.attached === next.attached &&
    former.matched === next.matched
  );
}
