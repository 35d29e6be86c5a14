// Can a claim's workflow not go on, and how is it made anew?
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';

/** A task that failed so often, and is tried again and again, will not succeed with this code and this history. */
const HOPELESS_ATTEMPTS = 4;
/** Enough to hold the last outcome of a task. */
const LAST_EVENTS = 10;
const DEADLINE_MS = 5_000;

export interface TemporalTarget {
  connection: NativeConnection;
  namespace: string;
}

/**
 * Ends a workflow whose tasks fail again and again: the next signal starts another one, which finds in the nodes' mount
 * tables what this one has done. Tasks that time out are no reason: a worker may be short of time.
 *
 * @returns why it was ended; undefined when it runs, or does not run at all
 * @throws Error Temporal is away or refuses
 */
export async function endStuckWorkflow(
  { connection, namespace }: TemporalTarget,
  workflowId: string,
): Promise<string | undefined> {
  const client = new Client({ connection, namespace });
  return await client.withDeadline(Date.now() + DEADLINE_MS, async () => {
    const { runId, raw } = await describe(client, workflowId);
    if ((raw?.pendingWorkflowTask?.attempt ?? 0) < HOPELESS_ATTEMPTS) return undefined;
    const failure = await readTaskFailure(client, workflowId, runId);
    if (failure === undefined) return undefined;
    await client.workflow.getHandle(workflowId, runId).terminate(`Its tasks fail: ${failure}`);
    return failure;
  });
}

async function describe(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { runId: '', raw: undefined };
    throw error;
  }
}

/** Why the last task failed; undefined when it did not, or timed out. */
async function readTaskFailure(
  { workflowService, options }: Client,
  workflowId: string,
  runId: string,
): Promise<string | undefined> {
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
    namespace: options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: LAST_EVENTS,
  });
  const last = history?.events?.find(
    (event) =>
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes ??
      event.workflowTaskCompletedEventAttributes,
  );
  const failed = last?.workflowTaskFailedEventAttributes;
  return failed ? (failed.failure?.message ?? 'for an unknown reason') : undefined;
}
