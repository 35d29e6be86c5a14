// Are people told of a throttled mount pod, but not again and again of the same figures?
import { describe, expect, it } from 'vitest';
import { isWorthTelling } from '../../../activities/throttling.ts';

type Figures = [periods: number, throttledPeriods: number, throttledMs: number];

function figures([periods, throttledPeriods, throttledMs]: Figures) {
  return { mountPodUid: 'mp', periods, throttledPeriods, throttledMs };
}

describe('isWorthTelling', () => {
  it.each<[string, Figures, Figures | undefined, boolean]>([
    ['a quarter of the periods and a second', [100, 25, 1_000], undefined, true],
    ['most periods and much time', [100, 80, 4_200], undefined, true],
    ['less than a quarter', [100, 24, 9_000], undefined, false],
    ['less than a second', [100, 90, 999], undefined, false],
    ['nothing at all', [0, 0, 0], undefined, false],
    ['what was told before', [100, 80, 4_200], [100, 80, 4_200], false],
    ['little more than was told', [200, 81, 4_900], [100, 80, 4_200], false],
    ['as much again since it was told', [200, 160, 8_400], [100, 80, 4_200], true],
    ['much, but long ago', [9_000, 100, 5_400], [100, 80, 4_200], false],
    ['a new container', [50, 40, 2_000], [100, 80, 4_200], true],
  ])('%s: %j after %j is %s', (_what, now, told, expected) => {
    expect(isWorthTelling(figures(now), told && figures(told))).toBe(expected);
  });
});
