// Which workflows of claims run?
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const TIMEOUT_MS = 10_000;
const QUERY = `WorkflowId STARTS_WITH 'dvc/' AND ExecutionStatus = 'Running'`;

/** Ids of the running workflows of claims, by Temporal's own command line. */
export async function listRunningWorkflows(): Promise<string[]> {
  const args = ['workflow', 'list', '--limit', '10000', '--query', QUERY, '-o', 'json'];
  const { stdout } = await execute('temporal', args, { timeout: TIMEOUT_MS, maxBuffer: 64 << 20 });
  const found = JSON.parse(stdout || '[]') as { execution: { workflowId: string } }[];
  return found.map(({ execution }) => execution.workflowId);
}
