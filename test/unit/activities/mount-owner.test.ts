// Is every mount accounted for that a claim has, wants or takes away, and no other?
import { describe, expect, it } from 'vitest';
import { accountsFor, listServedPods } from '../../../activities/mount-owner.ts';
import type { ClaimPod } from '../../../api/dynamic-volume-claim.ts';
import { aClaim, aPod } from '../../builders/objects.ts';

const other = { matchLabels: { app: 'other' } };
const deletionTimestamp = '2026-01-01T00:00:00Z';

function aClaimOf(
  changes: Parameters<typeof aClaim>[0],
  rows: Partial<ClaimPod>[] = [],
  counts: { matched?: number; attached?: number } = {},
) {
  const pods = rows.map((row) => ({
    name: 'web-1',
    uid: 'uid-web-1',
    state: 'Attached' as const,
    ...row,
  }));
  return { ...aClaim(changes), status: { ...counts, pods } };
}

describe('accountsFor', () => {
  it.each<[string, boolean, ReturnType<typeof aClaim>]>([
    ['selects the pod', true, aClaim()],
    ['has another mountpoint', false, aClaim({ spec: { mountpoint: '/data/sub' } })],
    ['writes the mountpoint without a slash', true, aClaim({ spec: { mountpoint: 'data' } })],
    ['selects other pods', false, aClaim({ spec: { selector: other } })],
    ['is in another namespace', false, aClaim({ metadata: { namespace: 'elsewhere' } })],
    [
      'is under deletion',
      true,
      aClaim({ spec: { selector: other }, metadata: { deletionTimestamp } }),
    ],
    [
      'selects it no more and is not done with it',
      true,
      aClaimOf({ spec: { selector: other } }, [{ state: 'Detaching', reason: 'InUse' }]),
    ],
    ['failed there', true, aClaimOf({}, [{ state: 'Failed', reason: 'BucketNotFound' }])],
    [
      'found its mountpoint taken',
      false,
      aClaimOf({}, [{ state: 'Failed', reason: 'MountpointConflict' }]),
    ],
    [
      'found the mountpoint of a namesake taken',
      true,
      aClaimOf({}, [{ uid: 'former', state: 'Failed', reason: 'MountpointConflict' }]),
    ],
  ])('a claim that %s: %s', (_what, expected, claim) => {
    expect(accountsFor(claim, aPod(), 'data')).toBe(expected);
  });
});

describe('listServedPods', () => {
  const pods = [aPod(), aPod({ name: 'web-2' })];
  const list = (claim: ReturnType<typeof aClaim>, known = pods) =>
    listServedPods(claim, () => known).map((pod) => pod.name);

  it.each<[string, ReturnType<typeof aClaim>, string[]]>([
    ['are named as attached', aClaimOf({}, [{}], { matched: 1, attached: 1 }), ['web-1']],
    ['are named as failed', aClaimOf({}, [{ state: 'Failed' }], { matched: 1, attached: 0 }), []],
    [
      'are not named, and all are served',
      aClaimOf({}, [{}], { matched: 2, attached: 2 }),
      ['web-1', 'web-2'],
    ],
    [
      'are not named, and not all are served',
      aClaimOf({}, [{}], { matched: 2, attached: 1 }),
      ['web-1'],
    ],
    ['came after the status', aClaimOf({}, [{}], { matched: 1, attached: 1 }), ['web-1']],
    ['are of a claim without a status', aClaim(), []],
    ['are of a claim under deletion', aClaimOf({ metadata: { deletionTimestamp } }, [{}]), []],
  ])('of pods that %s', (_what, claim, names) => {
    expect(list(claim)).toEqual(names);
  });

  it.each([
    ['is terminating', { terminating: true }],
    ['has finished', { phase: 'Succeeded' }],
    ['has its sandbox set up anew', { sandboxReady: false }],
  ])('leaves out a pod that %s', (_what, changes) => {
    expect(list(aClaimOf({}, [{}]), [aPod(changes)])).toEqual([]);
  });
});
