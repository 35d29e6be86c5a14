// What makes the drift audit run every minute?
import { Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { AUDIT_SCHEDULE_ID, AUDIT_WORKFLOW_TYPE, TASK_QUEUE } from '../api/names.ts';

const EVERY_MS = 60_000;
/** An audit that was missed is not made up for: the next one sees the same. The server allows no less. */
const CATCH_UP_MS = 10_000;
/** A workflow that finds no worker must not hold up later ones for ever. */
const RUN_TIMEOUT_MS = 300_000;

type AuditSchedule = ScheduleOptions & { policies: object };

/** Builds the schedule; all controllers build the same one. */
export function buildAuditSchedule(taskQueue: string): AuditSchedule {
  return {
    scheduleId: AUDIT_SCHEDULE_ID,
    spec: { intervals: [{ every: EVERY_MS }] },
    action: {
      type: 'startWorkflow',
      workflowType: AUDIT_WORKFLOW_TYPE,
      workflowId: AUDIT_SCHEDULE_ID,
      taskQueue,
      args: [],
      workflowExecutionTimeout: RUN_TIMEOUT_MS,
      staticSummary: 'compare claims with what is mounted',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_MS },
  };
}

/**
 * Does a schedule differ from the one that this version wants? Whether a person has paused it is no
 * difference.
 */
export function isOutdated(
  { spec, action, policies }: ScheduleDescription,
  taskQueue: string,
): boolean {
  const [interval, ...others] = spec.intervals ?? [];
  return (
    interval?.every !== EVERY_MS ||
    others.length > 0 ||
    action.workflowType !== AUDIT_WORKFLOW_TYPE ||
    action.taskQueue !== taskQueue ||
    policies.overlap !== ScheduleOverlapPolicy.SKIP ||
    policies.catchupWindow !== CATCH_UP_MS
  );
}

/**
 * Makes sure of the schedule. Answers whether there was none.
 *
 * @throws Error Temporal is away or refuses
 */
export async function ensureAuditSchedule(target: {
  connection: NativeConnection;
  namespace: string;
  taskQueue?: string;
}): Promise<boolean> {
  const { connection, namespace, taskQueue = TASK_QUEUE } = target;
  const { schedule } = new Client({ connection, namespace });
  const wanted = buildAuditSchedule(taskQueue);
  try {
    await schedule.create(wanted);
    return true;
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = schedule.getHandle(AUDIT_SCHEDULE_ID);
    if (!isOutdated(await handle.describe(), taskQueue)) return false;
    const { spec, action, policies } = wanted;
    await handle.update(({ state }) => ({ spec, action, policies, state }));
    return false;
  }
}
