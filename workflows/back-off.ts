// How long does a workflow wait after a round that failed?
import { ERRORS } from '../api/errors.ts';
import type { Retry } from '../api/errors.ts';
import type { Failure } from '../activities/contract.ts';

/** Milliseconds by number of failed rounds in a row; the last one stays. */
const DELAYS_MS: Record<Retry, readonly number[]> = {
  soon: [1_000, 2_000, 4_000, 8_000, 10_000],
  slow: [2_000, 5_000, 10_000],
};

/**
 * Milliseconds until the next try: that of the most impatient failure.
 *
 * @param failedRounds failed rounds in a row, this one included
 */
export function buildBackOffMs(failures: Failure[], failedRounds: number): number {
  const kinds = new Set(failures.map((failure) => ERRORS[failure.code].retry));
  return Math.min(...[...kinds].map((kind) => pickDelayMs(DELAYS_MS[kind], failedRounds)));
}

function pickDelayMs(delaysMs: readonly number[], failedRounds: number): number {
  const index = Math.min(Math.max(failedRounds, 1), delaysMs.length) - 1;
  return delaysMs[index] ?? 10_000;
}
