// What does a line of our logs look like?
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { describeError } from './describe-error.ts';

/** Levels that can be asked for, the most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines on standard output: a constant sentence and fields of the table in fields.ts, never a credential.
 * `err` is always text, also when an error is given.
 *
 * Make no child loggers that stay: they would not follow a change of the level.
 *
 * @param origin which process writes, and on which node if it is tied to one
 * @param destination standard output when absent
 */
export function createLogger(
  origin: { component: string; node?: string },
  level: LogLevel,
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: origin,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: tellError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function tellError(fields: Record<string, unknown>): Record<string, unknown> {
  return fields.err instanceof Error ? { ...fields, err: describeError(fields.err) } : fields;
}
