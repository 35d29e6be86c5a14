// What does Temporal know of a claim?
import { status } from '@grpc/grpc-js';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { WorkflowHistory } from '../model/timeline.ts';
import { ConsoleRefusal } from './refusal.ts';

const DEADLINE_MS = 3_000;

/** Name of the query that explains, as `workflows/messages.ts` defines it. */
const EXPLAIN_QUERY = 'explain';

export interface WorkflowReader {
  /**
   * What the workflow says of itself, in sentences, or that there is none yet; undefined when it does not answer
   * within 3 s.
   */
  explain(workflowId: string): Promise<string | undefined>;
  /**
   * The history of the latest run, read within 3 s.
   * Throws ConsoleRefusal 404 when there is no such workflow, 503 when Temporal does not answer.
   */
  readHistory(workflowId: string): Promise<WorkflowHistory>;
}

/** However many read the same at once, Temporal is asked once. */
export function createWorkflowReader(client: Client): WorkflowReader {
  const explaining = new Map<string, Promise<string | undefined>>();
  const reading = new Map<string, Promise<WorkflowHistory>>();
  const within = <T>(ask: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + DEADLINE_MS, ask);
  const find = (workflowId: string) => client.workflow.getHandle(workflowId);

  return {
    explain: (id) =>
      share(explaining, id, () =>
        within(() => find(id).query<string>(EXPLAIN_QUERY)).catch((error: unknown) =>
          error instanceof WorkflowNotFoundError ? `${explainNotStarted(id)}.` : undefined,
        ),
      ),
    readHistory: (id) =>
      share(reading, id, () =>
        within(() => find(id).fetchHistory()).catch((error: unknown) => {
          throw explainFailure(error, id);
        }),
      ),
  };
}

/** Lets all who ask for the same wait for one answer. */
export async function share<T>(
  underWay: Map<string, Promise<T>>,
  key: string,
  ask: () => Promise<T>,
): Promise<T> {
  const known = underWay.get(key);
  if (known) return known;
  const asked = ask().finally(() => underWay.delete(key));
  underWay.set(key, asked);
  return asked;
}

function explainNotStarted(id: string): string {
  return `Temporal has no workflow ${id}: it is not started yet`;
}

function explainFailure(error: unknown, id: string): ConsoleRefusal {
  if ((error as { code?: number }).code === status.NOT_FOUND) {
    return new ConsoleRefusal(404, explainNotStarted(id));
  }
  return new ConsoleRefusal(
    503,
    'Temporal does not answer, so there is no timeline now; what is mounted goes on',
  );
}
