// What did a claim's workflow do so far, in a few lines?
import { run } from '../stack/shell.ts';
import { printLine } from './print.ts';

interface HistoryEvent {
  eventId: string;
  eventTime: string;
  eventType: string;
  userMetadata?: { summary?: { data?: string } };
  [attributes: string]: unknown;
}

/** The id of the workflow that looks after a claim, as its status tells it. */
export async function findWorkflowId(namespace: string, name: string): Promise<string> {
  const field = 'jsonpath={.status.workflow.id}';
  return await run(['kubectl', 'get', 'dvc', '-n', namespace, name, '-o', field]);
}

/** Prints the events of the claim's workflow that a person would call steps. */
export async function printWorkflow(namespace: string, name: string): Promise<void> {
  const id = await findWorkflowId(namespace, name);
  const history = await run(['temporal', 'workflow', 'show', '-w', id, '-o', 'json']);
  const { events } = JSON.parse(history) as { events: HistoryEvent[] };
  printLine(`Workflow ${id}: ${events.length} events, among them`);
  const startMs = Date.parse(events[0]?.eventTime ?? '');
  for (const event of events) {
    const step = describeStep(event);
    const sinceMs = Date.parse(event.eventTime) - startMs;
    if (step) printLine(`${String(sinceMs).padStart(7)} ms  ${event.eventId.padStart(3)} ${step}`);
  }
}

function describeStep(event: HistoryEvent): string | undefined {
  const attributes = Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))?.[1];
  const { activityType, signalName, details } = (attributes ?? {}) as {
    activityType?: { name: string };
    signalName?: string;
    details?: { data?: { payloads?: { data?: string }[] } };
  };
  switch (event.eventType) {
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED':
      return 'started';
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED':
      return `signal ${signalName}`;
    case 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED':
      return `activity ${activityType?.name} ${decodeSummary(event)}`;
    case 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED':
      return 'activity completed';
    case 'EVENT_TYPE_MARKER_RECORDED':
      return `local activity ${decodeLocalActivity(details?.data?.payloads?.[0]?.data)}`;
    default:
      return undefined;
  }
}

function decodeSummary(event: HistoryEvent): string {
  const data = event.userMetadata?.summary?.data;
  return data ? Buffer.from(data, 'base64').toString() : '';
}

/** The SDK's marker of a local activity holds its type. */
function decodeLocalActivity(data = ''): string {
  const text = Buffer.from(data, 'base64').toString();
  return /"activity_type":"([^"]+)"/.exec(text)?.[1] ?? '';
}
