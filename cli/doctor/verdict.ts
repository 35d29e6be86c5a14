// How does a check of `doctor` end? (pure)
import type { Seen } from './facts.ts';

/**
 * - `warning`: works, and something is worth mending
 * - `broken`: something that should work does not
 * - `unchecked`: nobody knows, and that is no failure
 */
export type Level = 'ok' | 'warning' | 'broken' | 'unchecked';

export interface Verdict {
  level: Level;
  /** What was seen, in a few words or one sentence. */
  message: string;
  /** What to do; absent where nothing is to be done. */
  fix?: string;
}

export function ok(message: string): Verdict {
  return { level: 'ok', message };
}

export function warn(message: string, fix: string): Verdict {
  return { level: 'warning', message, fix };
}

export function broken(message: string, fix: string): Verdict {
  return { level: 'broken', message, fix };
}

/** Judges what was seen; what was not seen is not judged. */
export function judgeSeen<T>(seen: Seen<T>, judge: (value: T) => Verdict): Verdict {
  if ('value' in seen) return judge(seen.value);
  const why = 'needs' in seen ? `needs ${seen.needs}` : seen.failed;
  return { level: 'unchecked', message: `not checked: ${why}` };
}

/** At most so many names are told. */
const MAX_NAMES = 3;

/** `a, b, c and 2 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  const told = names.slice(0, MAX_NAMES).join(', ');
  return more > 0 ? `${told} and ${more} more` : told;
}

/** `1 node`, `2 nodes`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
