// Does a status that newer code words otherwise count as the same?
import { expect, it } from 'vitest';
import type { ClaimStatusDraft } from '../../../activities/contract.ts';
import { buildStatus, isOtherState } from '../../../workflows/status.ts';
import { anObservation, CLAIM } from '../../builders/objects.ts';

const status = buildStatus({
  claim: CLAIM,
  observed: anObservation(),
  mounts: {},
  outcomes: {},
  steering: { remounts: 0 },
  unsearchedNodes: [],
});

function reword(changes: Partial<ClaimStatusDraft['conditions'][number]>): ClaimStatusDraft {
  const conditions = status.conditions.map((one) => ({ ...one, ...changes }));
  const pods = status.pods.map((pod) => ({ ...pod, message: 'other words' }));
  return { ...status, conditions, pods };
}

it.each<[string, ClaimStatusDraft | undefined, boolean]>([
  ['other words', reword({ message: 'other words' }), false],
  ['another reason', reword({ reason: 'Other' }), true],
  ['another count', { ...status, matched: 7 }, true],
  ['nothing written', undefined, true],
])('tells of %s', (_what, written, isOther) => {
  expect(isOtherState(written, status)).toBe(isOther);
});
