// When is a claim as somebody waits for it to be?
import { expect, it } from 'vitest';
import { judgeWait } from '../../../cli/wait-verdict.ts';
import type { WaitGoal, WaitVerdict } from '../../../cli/wait-verdict.ts';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { aClaim } from '../../builders/objects.ts';

function aClaimWith(status: 'True' | 'False', observedGeneration = 2): DynamicVolumeClaim {
  const claim = aClaim({ metadata: { generation: 2 } });
  const condition = { type: 'Ready' as const, status, observedGeneration };
  const time = { lastTransitionTime: '2026-01-01T00:00:00Z' };
  const reason = { reason: status === 'True' ? 'Attached' : 'DNSFailed', message: 'Told' };
  return {
    ...claim,
    status: { attachedOfMatched: '1/2', conditions: [{ ...condition, ...time, ...reason }] },
  };
}

const leaving = aClaim({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });

it.each<[string, DynamicVolumeClaim | undefined, WaitGoal, WaitVerdict['state'], string]>([
  ['ready', aClaimWith('True'), 'ready', 'reached', 'is ready (1/2 pods)'],
  [
    'not ready',
    aClaimWith('False'),
    'ready',
    'waiting',
    'is not ready (1/2 pods): DNSFailed. Told',
  ],
  ['new', aClaim(), 'ready', 'waiting', 'is not looked at yet'],
  [
    'ready as it was before an edit',
    aClaimWith('True', 1),
    'ready',
    'waiting',
    'was changed and is not looked at again yet',
  ],
  ['gone', undefined, 'ready', 'never', 'was deleted'],
  ['gone', undefined, 'deleted', 'reached', 'is gone'],
  ['there', aClaimWith('True'), 'deleted', 'waiting', 'is there, and nobody has deleted it'],
  ['being deleted', leaving, 'deleted', 'waiting', 'is being deleted'],
])('a claim that is %s (case %#)', (_case, claim, goal, state, words) => {
  expect(judgeWait(claim, goal)).toEqual({ state, words });
});
