// In one word each: how did a review end, and why? (pure)
import type { AdmissionResponse } from './review.ts';

/** What a review came to. `failed` is one that could not be answered. */
export interface ReviewOutcome {
  result: 'allowed' | 'patched' | 'warned' | 'denied' | 'failed';
  /** Of a denial `refused`, or `too_early` when it may be granted later; of a failure whose fault it was. */
  reason: 'none' | 'refused' | 'too_early' | 'malformed' | 'internal';
}

const TOO_EARLY = 429;

/** The outcome of a review that was answered. */
export function classifyAnswer({
  allowed,
  patch,
  warnings,
  status,
}: AdmissionResponse): ReviewOutcome {
  if (!allowed)
    return { result: 'denied', reason: status?.code === TOO_EARLY ? 'too_early' : 'refused' };
  if (patch !== undefined) return { result: 'patched', reason: 'none' };
  return { result: warnings === undefined ? 'allowed' : 'warned', reason: 'none' };
}

/** The outcome of a review that was answered with an HTTP status of 400 and above. */
export function classifyFailure(httpStatus: number): ReviewOutcome {
  return { result: 'failed', reason: httpStatus < 500 ? 'malformed' : 'internal' };
}
