// Is storage that is in use given the time that it shall have?
import { describe, expect, it } from 'vitest';
import { findGraceRestMs } from '../../../workflows/grace.ts';
import type { MountRecord } from '../../../workflows/state.ts';
import { aRecord } from '../../builders/objects.ts';

const NOW_MS = 100_000;
const steering = { remounts: 0 };

describe('findGraceRestMs', () => {
  it.each<[string, Record<string, MountRecord>, number]>([
    ['nothing is mounted', {}, Infinity],
    ['nothing is in use', { a: aRecord() }, Infinity],
    ['the grace is over', { a: aRecord({ inUseSinceMs: NOW_MS - 30_000 }) }, Infinity],
    [
      'two are in use',
      {
        a: aRecord({ inUseSinceMs: NOW_MS - 10_000 }),
        b: aRecord({ inUseSinceMs: NOW_MS - 18_000 }),
      },
      12_000,
    ],
  ])('when %s', (_what, mounts, restMs) => {
    expect(findGraceRestMs(mounts, steering, NOW_MS)).toBe(restMs);
  });

  it('keeps to the grace that a person gave', () => {
    const mounts = { a: aRecord({ inUseSinceMs: NOW_MS }) };

    const given = { ...steering, grace: { seconds: 5, force: false } };

    expect(findGraceRestMs(mounts, given, NOW_MS)).toBe(5_000);
  });
});
