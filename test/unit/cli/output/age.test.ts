// Is an age what kubectl would print?
import { describe, expect, it } from 'vitest';
import { formatAge, formatDuration } from '../../../../cli/output/age.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a duration', () => {
  // Values of apimachinery's own table, TestHumanDuration.
  it.each([
    [0, '0s'],
    [-1 * SECOND, '0s'],
    [-3 * SECOND, '<invalid>'],
    [999, '0s'],
    [70 * SECOND, '70s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [3 * MINUTE + 13 * SECOND, '3m13s'],
    [10 * MINUTE - SECOND, '9m59s'],
    [70 * MINUTE, '70m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + 8 * MINUTE, '3h8m'],
    [8 * HOUR + 59 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY, '2d'],
    [2 * DAY + 3 * HOUR, '2d3h'],
    [8 * DAY + 23 * HOUR, '8d'],
    [700 * DAY, '700d'],
    [2 * 365 * DAY + 10 * DAY, '2y10d'],
    [8 * 365 * DAY + 300 * DAY, '8y'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('an age', () => {
  const now = new Date('2026-01-01T00:05:00Z');

  it('is counted from a time', () => {
    expect(formatAge('2026-01-01T00:00:00Z', now)).toBe('5m');
  });

  it.each([[undefined], ['yesterday']])('of %s is not known', (since) => {
    expect(formatAge(since, now)).toBe('<unknown>');
  });
});
