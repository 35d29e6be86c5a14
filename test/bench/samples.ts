// How is a series of measurements summed up?

export interface Summary {
  count: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

/** Nearest-rank percentiles of durations in milliseconds. */
export function summarize(durationsMs: readonly number[]): Summary {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
  return { count: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95), p99Ms: rank(0.99) };
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

/** As {@link repeat}, of something that does not measure itself. */
export async function repeatTimed(
  count: number,
  doOnce: (index: number) => Promise<void>,
): Promise<number[]> {
  return await repeat(count, async (index) => {
    const startMs = performance.now();
    await doOnce(index);
    return performance.now() - startMs;
  });
}

/** Runs something `count` times, so many of them at a time. */
export async function runAll(
  count: number,
  atATime: number,
  doOnce: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await doOnce(next++);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}
