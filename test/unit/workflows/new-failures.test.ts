// Which pods are told that storage does not come into them, and how often?
import { describe, expect, it } from 'vitest';
import type { ClaimStatusDraft } from '../../../activities/contract.ts';
import type { Outcomes } from '../../../workflows/plan.ts';
import { buildStatus, listNewFailures } from '../../../workflows/status.ts';
import { anObservation, CLAIM } from '../../builders/objects.ts';

/** The status of a claim with one pod, `web-1`. */
function build(outcome?: Outcomes[string]): ClaimStatusDraft {
  return buildStatus({
    claim: CLAIM,
    observed: anObservation(),
    mounts: {},
    outcomes: outcome === undefined ? {} : { 'uid-web-1': outcome },
    steering: { remounts: 0 },
    unsearchedNodes: [],
  });
}

describe('listNewFailures', () => {
  const failing = build({ code: 'ACCESS_DENIED', message: 'Denied' });
  const told = { uid: 'uid-web-1', name: 'web-1', reason: 'AccessDenied', message: 'Denied' };

  it('tells of a pod that newly fails, and why', () => {
    expect(listNewFailures(undefined, failing)).toEqual([told]);
    expect(listNewFailures(build(), failing)).toEqual([told]);
  });

  it('tells nothing when only the words are others', () => {
    const next = build({ code: 'ACCESS_DENIED', message: 'Denied again' });

    expect(listNewFailures(failing, next)).toEqual([]);
  });

  it('tells of another reason', () => {
    const next = build({ code: 'BUCKET_NOT_FOUND', message: 'No such bucket' });

    expect(listNewFailures(failing, next)).toMatchObject([{ reason: 'BucketNotFound' }]);
  });

  it('tells nothing when all is well again', () => {
    expect(listNewFailures(failing, build())).toEqual([]);
  });
});
