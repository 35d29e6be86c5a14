// Which claims does the list show, and how many of each phase? (pure)
import type { ClaimPhase, ClaimSummary } from '../model/views.ts';
import type { Filter } from './view-state.ts';

/** Claims of one namespace, by name. */
export interface ClaimGroup {
  namespace: string;
  claims: ClaimSummary[];
}

/** What the controls of the filter offer. */
export interface FilterChoices {
  namespaces: string[];
  classNames: string[];
  /** Claims of each phase among those that the other fields let through. */
  counts: Record<ClaimPhase, number>;
  /** All phases together. */
  total: number;
}

/** The claims that pass, by namespace and name: their places do not change while their states do. */
export function buildGroups(claims: readonly ClaimSummary[], filter: Filter): ClaimGroup[] {
  const shown = claims.filter((claim) => passes(claim, filter)).sort(compareNames);
  const groups = Map.groupBy(shown, (claim) => claim.namespace);
  return [...groups].map(([namespace, members]) => ({ namespace, claims: members }));
}

export function buildChoices(claims: readonly ClaimSummary[], filter: Filter): FilterChoices {
  const ofAnyPhase = claims.filter((claim) => passes(claim, { ...filter, phase: '' }));
  const counts = { Ready: 0, Reconciling: 0, Waiting: 0, Failed: 0, Deleting: 0 };
  for (const { phase } of ofAnyPhase) counts[phase] += 1;
  return {
    // What is chosen stays on offer when its last claim has gone.
    namespaces: listValues([...claims.map((claim) => claim.namespace), filter.namespace]),
    classNames: listValues([...claims.map((claim) => claim.className), filter.className]),
    counts,
    total: ofAnyPhase.length,
  };
}

/** Every word of the text has to occur somewhere in what the row tells. */
function passes(claim: ClaimSummary, { namespace, className, phase, text }: Filter): boolean {
  if (namespace && claim.namespace !== namespace) return false;
  if (className && claim.className !== className) return false;
  if (phase && claim.phase !== phase) return false;
  const told = [
    `${claim.namespace}/${claim.name}`,
    claim.storage,
    claim.mountpoint,
    claim.className,
    claim.reason,
  ];
  const haystack = told.join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

function compareNames(one: ClaimSummary, other: ClaimSummary): number {
  return compareTexts(one.namespace, other.namespace) || compareTexts(one.name, other.name);
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function listValues(values: string[]): string[] {
  return [...new Set(values)].filter((value) => value !== '').sort(compareTexts);
}
