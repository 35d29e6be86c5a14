// What does Node itself print, that must be a line of our log like any other?
import type { Logger } from 'pino';
import { describeError } from './describe-error.ts';

/**
 * From now on warnings of Node are lines of the log, and so is a fault that nobody has caught, which ends the process with
 * status 1 as without this.
 */
export function logProcessLines(log: Logger): void {
  // Node's own listener prints text.
  process.removeAllListeners('warning');
  process.on('warning', (warning: NodeJS.ErrnoException) => {
    const { name, code, stack } = warning;
    log.warn({ err: `${name}: ${describeError(warning)}`, code, stack }, 'Node warns');
  });
  process.on('uncaughtException', (error) => {
    const stack = error instanceof Error ? error.stack : undefined;
    log.fatal({ err: describeError(error), stack }, 'The process ends: nobody has caught this');
    process.exit(1);
  });
}
