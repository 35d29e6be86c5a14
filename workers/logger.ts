// What does a line of our logs look like?
import type { Logger as TemporalLogger, LogMetadata } from '@temporalio/worker';
import { pino } from 'pino';
import type { Logger } from 'pino';

/** JSON lines on standard output: a constant sentence and fields, never a credential. */
export function createLogger(component: string, level: string): Logger {
  return pino({
    level,
    base: { component },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** Temporal's SDK writes through our logger. */
export function adaptLogger(log: Logger): TemporalLogger {
  const child = log.child({ library: 'temporal' });
  const write = (level: keyof typeof LEVELS, message: string, meta?: LogMetadata): void =>
    child[LEVELS[level]]({ ...meta }, message);
  return {
    log: (level, message, meta) => write(level, message, meta),
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
