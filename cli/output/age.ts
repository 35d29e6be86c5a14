// How long ago is that, as kubectl prints it? (pure)

/** Largest unit first, until which many hours it is printed, and whether the next smaller unit follows. */
const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

interface Step {
  /** In seconds; the step is for what is shorter. */
  below: number;
  unit: number;
  letter: string;
  rest?: { unit: number; letter: string };
}

/** `duration.HumanDuration` of Kubernetes' apimachinery: two or three digits say enough. */
const STEPS: readonly Step[] = [
  { below: 2 * MINUTE, unit: SECOND, letter: 's' },
  { below: 10 * MINUTE, unit: MINUTE, letter: 'm', rest: { unit: SECOND, letter: 's' } },
  { below: 3 * HOUR, unit: MINUTE, letter: 'm' },
  { below: 8 * HOUR, unit: HOUR, letter: 'h', rest: { unit: MINUTE, letter: 'm' } },
  { below: 2 * DAY, unit: HOUR, letter: 'h' },
  { below: 8 * DAY, unit: DAY, letter: 'd', rest: { unit: HOUR, letter: 'h' } },
  { below: 2 * YEAR, unit: DAY, letter: 'd' },
  { below: 8 * YEAR, unit: YEAR, letter: 'y', rest: { unit: DAY, letter: 'd' } },
  { below: Infinity, unit: YEAR, letter: 'y' },
];

/** `90s`, `5m10s`, `3h`, `2d4h`; a time in the future is `0s` when a clock is a second off. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1_000);
  if (seconds < -1) return '<invalid>';
  const whole = Math.max(seconds, 0);
  const step = STEPS.find(({ below }) => whole < below);
  if (step === undefined) return '<unknown>';
  const main = `${Math.floor(whole / step.unit)}${step.letter}`;
  const rest = step.rest ? Math.floor((whole % step.unit) / step.rest.unit) : 0;
  return step.rest && rest > 0 ? `${main}${rest}${step.rest.letter}` : main;
}

/** To the millisecond while that matters. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return formatDuration(ms);
}

/** @param since RFC 3339; `<unknown>` when it is no time */
export function formatAge(since: string | undefined, now: Date): string {
  const ms = since === undefined ? NaN : Date.parse(since);
  return Number.isNaN(ms) ? '<unknown>' : formatDuration(now.getTime() - ms);
}
