// How do the lines of Temporal's SDK become lines of our log?
import type { Logger as TemporalLogger, LogMetadata } from '@temporalio/worker';
import type { Logger } from 'pino';
import { LOG_FIELDS, parseWorkflowId } from '../logging/fields.ts';

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** What the SDK says of the activity or workflow that it runs; the same on every line, and of no use to people. */
const LEFT_OUT: readonly string[] = [
  ...['namespace', 'taskToken', 'taskQueue', 'activityId', 'isLocal', 'workflowType'],
  ...['activityType', 'workflowRunId', 'sdkComponent', 'error'],
];

/**
 * Translates the fields of the SDK's lines into ours. (pure) What activities add themselves stays as it is; `namespace` is
 * Temporal's, and would be taken for that of the claim.
 */
export function buildFields(meta: LogMetadata): Record<string, unknown> {
  const { workflowId, workflowRunId, activityType, error } = meta;
  const rest = Object.entries(meta).filter(([name]) => !LEFT_OUT.includes(name));
  const [ours, others] = [rest.filter(isOurField), rest.filter((entry) => !isOurField(entry))];
  return {
    ...(typeof workflowId === 'string' ? parseWorkflowId(workflowId) : {}),
    ...(workflowRunId === undefined ? {} : { runId: workflowRunId }),
    ...(activityType === undefined ? {} : { activity: activityType }),
    ...(error === undefined ? {} : { err: error }),
    ...Object.fromEntries(ours),
    ...(others.length === 0 ? {} : { details: JSON.stringify(Object.fromEntries(others)) }),
    ...(isOurs(meta) ? {} : { library: 'temporal' }),
  };
}

function isOurField([name]: [string, unknown]): boolean {
  return name in LOG_FIELDS;
}

/** Is this line one of an activity of ours, in its own words? */
function isOurs({ sdkComponent }: LogMetadata): boolean {
  return sdkComponent === 'activity' || sdkComponent === 'workflow';
}

/** Temporal's SDK writes through our logger, and so do its native parts. */
export function adaptLogger(log: Logger): TemporalLogger {
  const write = (level: keyof typeof LEVELS, message: string, meta: LogMetadata = {}): void => {
    const name = LEVELS[level];
    if (log.isLevelEnabled(name)) log[name](buildFields(meta), message);
  };
  return {
    log: (level, message, meta) => write(level, message, meta),
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
