// Which typed keys have the search attributes of claims' workflows?
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../api/names.ts';
import type { ClaimIdentity } from '../activities/contract.ts';
import type { Phase } from './search-values.ts';

/** Keys of {@link SEARCH_ATTRIBUTES}, for the client, the workflow and a test server. */
export const SEARCH_KEYS = {
  namespace: defineSearchAttributeKey(SEARCH_ATTRIBUTES.namespace.name, 'KEYWORD'),
  claim: defineSearchAttributeKey(SEARCH_ATTRIBUTES.claim.name, 'KEYWORD'),
  className: defineSearchAttributeKey(SEARCH_ATTRIBUTES.className.name, 'KEYWORD'),
  phase: defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase.name, 'KEYWORD'),
  attached: defineSearchAttributeKey(SEARCH_ATTRIBUTES.attached.name, 'INT'),
  matched: defineSearchAttributeKey(SEARCH_ATTRIBUTES.matched.name, 'INT'),
} as const;

/** Search attributes of a workflow that starts; it sets the others itself. */
export function buildFirstSearchAttributes({ namespace, name }: ClaimIdentity) {
  const phase: Phase = 'Pending';
  return [
    { key: SEARCH_KEYS.namespace, value: namespace },
    { key: SEARCH_KEYS.claim, value: name },
    { key: SEARCH_KEYS.phase, value: phase },
  ];
}
