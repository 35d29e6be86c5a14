// How long ago, and for how long, in as few letters as a person needs? (pure)

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** An age as kubectl prints it: `12s`, `4m10s`, `3h5m`, `2d7h`, `45d`. Clocks that differ make no negative one. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 2 * MINUTE_S) return `${seconds}s`;
  if (seconds < 10 * MINUTE_S) return formatPair(seconds, MINUTE_S, 'm', 1, 's');
  if (seconds < 3 * HOUR_S) return `${Math.floor(seconds / MINUTE_S)}m`;
  if (seconds < 8 * HOUR_S) return formatPair(seconds, HOUR_S, 'h', MINUTE_S, 'm');
  if (seconds < 2 * DAY_S) return `${Math.floor(seconds / HOUR_S)}h`;
  if (seconds < 8 * DAY_S) return formatPair(seconds, DAY_S, 'd', HOUR_S, 'h');
  return `${Math.floor(seconds / DAY_S)}d`;
}

/** A duration: `132 ms`, `4.2 s`, `75 s`, then as an age. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  if (milliseconds < 2 * MINUTE_S * 1_000) return `${Math.round(milliseconds / 1_000)} s`;
  return formatAge(milliseconds);
}

function formatPair(
  seconds: number,
  bigS: number,
  bigUnit: string,
  smallS: number,
  smallUnit: string,
): string {
  const small = Math.floor((seconds % bigS) / smallS);
  return `${Math.floor(seconds / bigS)}${bigUnit}${small > 0 ? `${small}${smallUnit}` : ''}`;
}
