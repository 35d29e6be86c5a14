// What does the address of the page say is shown? (pure)
import type { ClaimPhase } from '../model/views.ts';

/** Names a claim. */
export interface ClaimRef {
  namespace: string;
  name: string;
}

/** Which claims the list shows; "" leaves a field open. */
export interface Filter {
  namespace: string;
  className: string;
  phase: ClaimPhase | '';
  text: string;
}

export interface ViewState {
  filter: Filter;
  /** The claim that is looked at. */
  claim?: ClaimRef;
}

/** In the order in which the page names them: what has to be mended first. */
export const PHASES = ['Failed', 'Reconciling', 'Waiting', 'Deleting', 'Ready'] as const;

export const NO_FILTER: Filter = { namespace: '', className: '', phase: '', text: '' };

/** Reads `location.hash`; what it does not understand is left out. */
export function parseHash(hash: string): ViewState {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const claim = parseClaimRef(fields.get('claim') ?? '');
  return {
    filter: {
      namespace: fields.get('namespace') ?? '',
      className: fields.get('class') ?? '',
      phase: PHASES.find((phase) => phase === fields.get('phase')) ?? '',
      text: fields.get('text') ?? '',
    },
    ...(claim ? { claim } : {}),
  };
}

/** The hash that {@link parseHash} reads, with its `#`. */
export function buildHash({ filter, claim }: ViewState): string {
  const fields = [
    ['namespace', filter.namespace],
    ['class', filter.className],
    ['phase', filter.phase],
    ['text', filter.text],
  ].flatMap(([key, value]) => (value ? [`${key}=${encodeURIComponent(value)}`] : []));
  // Names of Kubernetes objects need no escape: the address stays readable.
  const shown = claim ? [`claim=${claim.namespace}/${claim.name}`] : [];
  return `#${[...fields, ...shown].join('&')}`;
}

function parseClaimRef(text: string): ClaimRef | undefined {
  const [namespace, name, ...others] = text.split('/');
  return namespace && name && others.length === 0 ? { namespace, name } : undefined;
}
