// What has happened to a claim, step by step?
import type { Command } from 'commander';
import type { Client } from '@temporalio/client';
import { buildTimeline, readRunStatus } from '../../console/model/timeline.ts';
import type { WorkflowHistory } from '../../console/model/timeline.ts';
import { buildTimelinePath } from '../../console/model/views.ts';
import type { Timeline } from '../../console/model/views.ts';
import { parseClaimName, readClaim } from '../claims.ts';
import type { ClaimObject } from '../claims.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { explainFailure } from '../failures.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';
import { formatTimeline } from '../output/timeline.ts';
import { isTemporalGiven, openTemporal } from '../temporal-access.ts';

const HISTORY_DEADLINE_MS = 20_000;

export function register(program: Command, context: CliContext): void {
  program
    .command('history')
    .description('what has happened to a claim, from the history of its workflow')
    .argument('<name>', 'name of the claim')
    .action((name: string) => printHistory(context, parseClaimName(name)));
}

async function printHistory(context: CliContext, name: string): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml']);
  const timeline = await readTimeline(context, await readClaim(context, name));
  context.print(
    format === undefined ? formatTimeline(timeline, context.style) : formatObject(timeline, format),
  );
}

/** From the console, else from Temporal when its address is given. */
async function readTimeline(context: CliContext, claim: ClaimObject): Promise<Timeline> {
  const { namespace, name } = claim.metadata;
  try {
    const console = await context.console();
    return await console.get<Timeline>(buildTimelinePath(namespace, name));
  } catch (error) {
    context.signal.throwIfAborted();
    const { message } = explainFailure(error, 'The console');
    if (!isTemporalGiven(context)) throw refuse(claim, message);
    context.tell(`${message}; reading Temporal instead.`);
    return readFromTemporal(context, claim);
  }
}

function refuse({ status }: ClaimObject, why: string): CliError {
  const page = status?.workflow?.url;
  const other = page === undefined ? '' : `, or open ${page}`;
  return new CliError(
    `The history cannot be read from the console (${why}): give Temporal's address with --temporal-address${other}`,
    EXIT_CODES.noAccess,
  );
}

async function readFromTemporal(context: CliContext, { status }: ClaimObject): Promise<Timeline> {
  const workflow = status?.workflow;
  if (workflow === undefined) {
    throw new CliError(
      'The claim has no workflow yet: the controller has not looked at it',
      EXIT_CODES.failed,
    );
  }
  const history = await fetchHistory(context, await openTemporal(context), workflow.id);
  return {
    workflowId: workflow.id,
    ...(workflow.url ? { url: workflow.url } : {}),
    status: readRunStatus(history),
    entries: buildTimeline(history),
  };
}

/** gRPC status: https://grpc.io/docs/guides/status-codes/ */
const NOT_FOUND = 5;

async function fetchHistory(
  { signal }: CliContext,
  client: Client,
  workflowId: string,
): Promise<WorkflowHistory> {
  try {
    return await client.connection.withAbortSignal(signal, () =>
      client.withDeadline(Date.now() + HISTORY_DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId).fetchHistory(),
      ),
    );
  } catch (error) {
    signal.throwIfAborted();
    const { code, details } = error as { code?: number; details?: string };
    if (code === undefined) throw error;
    if (code !== NOT_FOUND) {
      throw new CliError(
        `Temporal does not give the history: ${details ?? code}`,
        EXIT_CODES.noAccess,
        { cause: error },
      );
    }
    throw new CliError(
      `Temporal does not know workflow ${workflowId}: it was deleted, or this is another Temporal`,
      EXIT_CODES.notFound,
      { cause: error },
    );
  }
}
