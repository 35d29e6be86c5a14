// How is a series of measurements summed up?

export interface Summary {
  count: number;
  p50Ms: number;
  p95Ms: number;
}

/** Nearest-rank percentiles of durations in milliseconds. */
export function summarize(durationsMs: readonly number[]): Summary {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
  return { count: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95) };
}

/** Runs something `count` times, one after another; each gives its duration in milliseconds. */
export async function repeat(
  count: number,
  measureOnce: (index: number) => Promise<number>,
): Promise<number[]> {
  const durationsMs: number[] = [];
  for (let index = 0; index < count; index += 1) durationsMs.push(await measureOnce(index));
  return durationsMs;
}
