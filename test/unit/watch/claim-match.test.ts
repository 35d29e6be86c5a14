// Do claims and pods find each other, and claims their order?
import { describe, expect, it } from 'vitest';
import { isOlder, matchesPod, overlaps } from '../../../watch/claim-match.ts';
import { aClaim, aPod } from '../../builders/objects.ts';

describe('matchesPod', () => {
  it.each([
    ['with the labels', aPod(), true],
    ['with other labels', aPod({ labels: { app: 'db' } }), false],
    ['of another namespace', aPod({ namespace: 'other' }), false],
    ['that is gone', undefined, false],
  ])('a pod %s', (_what, pod, matches) => {
    expect(matchesPod(aClaim(), pod)).toBe(matches);
  });

  it.each(['dynvol-system', 'dynvol-mounts'])('no pod of ours in %s', (namespace) => {
    const claim = aClaim({ metadata: { namespace } });

    expect(matchesPod(claim, aPod({ namespace }))).toBe(false);
  });
});

describe('overlaps', () => {
  it.each([
    ['/data', '/data', true],
    ['/data', 'data', true],
    ['/data', '/data/sub', true],
    ['/data', 'data/sub/deep', true],
    ['/data', '/database', false],
    ['/data', '/other', false],
    ['/data/a', '/data/b', false],
    ['/sub/data', '/data', false],
  ])('%s and %s: %s', (one, other, expected) => {
    const a = aClaim({ spec: { mountpoint: one } });
    const b = aClaim({ spec: { mountpoint: other } });

    expect(overlaps(a, b)).toBe(expected);
    expect(overlaps(b, a)).toBe(expected);
  });
});

describe('isOlder', () => {
  it.each([
    ['by its time', ['b', '2026-01-01T00:00:00Z'], ['a', '2026-01-01T00:00:01Z']],
    ['by its UID in the same second', ['a', '2026-01-01T00:00:00Z'], ['b', '2026-01-01T00:00:00Z']],
  ] as const)('%s', (_what, [oneUid, oneTime], [otherUid, otherTime]) => {
    const one = aClaim({ metadata: { uid: oneUid, creationTimestamp: oneTime } });
    const other = aClaim({ metadata: { uid: otherUid, creationTimestamp: otherTime } });

    expect([isOlder(one, other), isOlder(other, one)]).toEqual([true, false]);
  });
});
