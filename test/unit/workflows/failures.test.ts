// Is only that tried again which another try may mend?
import { expect, it } from 'vitest';
import type { ErrorCode } from '../../../api/errors.ts';
import type { Failure, ObservedClaim } from '../../../activities/contract.ts';
import { listFailures } from '../../../workflows/failures.ts';
import type { Outcomes } from '../../../workflows/plan.ts';
import { anObservation, anObservedPod } from '../../builders/objects.ts';

interface Case {
  observed?: Partial<ObservedClaim>;
  outcomes?: Outcomes;
  detachedSinceMs?: number;
  unsearchedNodes?: string[];
  wanted: ErrorCode[];
}

const fail = (code: ErrorCode): Failure => ({ code, message: '' });
const failing = (code: ErrorCode) => ({ pods: [anObservedPod({ failure: fail(code) })] });

const cases: Record<string, Case> = {
  'a round without failure': { outcomes: { 'uid-web-1': 'attached' }, wanted: [] },
  'a pod whose Secret is missing': {
    observed: failing('SECRET_MISSING'),
    wanted: ['SECRET_MISSING'],
  },
  'a mountpoint that an older claim has': { observed: failing('MOUNTPOINT_CONFLICT'), wanted: [] },
  'a mount that is in use in such a pod': {
    observed: failing('MOUNTPOINT_CONFLICT'),
    outcomes: { 'uid-web-1': fail('IN_USE') },
    wanted: ['IN_USE'],
  },
  'a claim that fails as a whole': {
    observed: { failure: fail('CLASS_NOT_FOUND'), pods: [] },
    wanted: ['CLASS_NOT_FOUND'],
  },
  'a claim that fails but was detached by hand': {
    observed: { failure: fail('CLASS_NOT_FOUND'), ...failing('SECRET_MISSING') },
    detachedSinceMs: 1,
    wanted: [],
  },
  'a node that could not be asked': { unsearchedNodes: ['node7'], wanted: ['AGENT_UNREACHABLE'] },
};

it.each(Object.entries(cases))('%s', (_title, wanted) => {
  const { observed, outcomes = {}, detachedSinceMs, unsearchedNodes = [] } = wanted;
  const steering = { remounts: 0, ...(detachedSinceMs ? { detachedSinceMs } : {}) };

  const failures = listFailures(anObservation(observed), outcomes, { steering, unsearchedNodes });

  expect(failures.map((failure) => failure.code)).toEqual(wanted.wanted);
});
