// Is a duration read as kubectl reads it?
import { expect, it } from 'vitest';
import { parseDuration } from '../../../cli/duration.ts';

it.each([
  ['0', 0],
  ['30', 30_000],
  ['30s', 30_000],
  ['1.5s', 1_500],
  ['250ms', 250],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['24h', 86_400_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each([[''], ['-1s'], ['5'.repeat(400)], ['soon'], ['5d'], ['1 m'], ['1000h']])(
  '%s is refused',
  (text) => {
    expect(() => parseDuration(text)).toThrow(/duration/);
  },
);
