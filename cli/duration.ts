// How long is `--timeout 5m`? (pure)
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A longer timer than this (24 days) ends at once, in Node as in browsers. */
const MAX_MS = 2 ** 31 - 1;

/**
 * Milliseconds of a duration as kubectl takes it: `90s`, `5m`, `1h30m`; a bare number is seconds.
 * @throws InvalidArgumentError it is none
 */
export function parseDuration(text: string): number {
  const ms = sumParts(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (ms <= MAX_MS) return ms;
  throw new InvalidArgumentError('The longest duration is 24 days.');
}

function sumParts(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new InvalidArgumentError('Give a duration such as 30s, 5m or 1h.');
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}
