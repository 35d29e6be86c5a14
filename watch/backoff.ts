// How long to wait before the next try?

/** Bounds of a back-off that doubles, in milliseconds. */
export interface Backoff {
  firstMs: number;
  capMs: number;
}

/**
 * The wait after so many failures in a row: doubled each time up to the cap, then shortened by up to half, so that many
 * clients of a server that has come back do not all arrive at once.
 *
 * @param random in [0, 1)
 */
export function buildBackoffMs(backoff: Backoff, failures: number, random: number): number {
  const doubled = backoff.firstMs * 2 ** Math.min(failures - 1, 30);
  return Math.min(doubled, backoff.capMs) * (1 - random / 2);
}

/** Resolves after the time, or at once when the signal aborts; never rejects. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
