// How is a claim told something through its workflow?
import type { Client, WorkflowHandle } from '@temporalio/client';
import { Option } from 'commander';
import type { Command } from 'commander';
import { buildWorkflowId, COMMANDS } from '../api/names.ts';
import { sleep } from '../watch/backoff.ts';
import type { CommandKind } from '../workflows/commands.ts';
import type { DetachCommand, WorkflowStatus } from '../workflows/messages.ts';
import { parseClaimName, readClaim } from './claims.ts';
import type { ClaimObject } from './claims.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { parseDuration } from './duration.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { formatDuration } from './output/age.ts';
import { toPlainText } from './output/plain-text.ts';
import { judgeSteering, listServedKeys } from './steer-verdict.ts';
import { openTemporal } from './temporal-access.ts';
import { startProgress } from './wait-for-claims.ts';
import type { WaitVerdict } from './wait-verdict.ts';

export interface SteerOptions {
  wait?: boolean;
  /** Milliseconds. */
  timeout: number;
}

interface Order {
  command: CommandKind;
  /** Only `detach` takes one. */
  argument?: DetachCommand;
}

/** A workflow answers within milliseconds; without a worker it never does. */
const ANSWER_DEADLINE_MS = 20_000;
const POLL_MS = 500;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Adds a command that tells a claim something, with the flags that all of them have. */
export function addSteeringCommand(program: Command, command: CommandKind): Command {
  return program
    .command(COMMANDS[command])
    .argument('<name>', 'name of the claim')
    .option('--wait', 'until it is done in every pod')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait, as 30s or 5m')
        .argParser(parseDuration)
        .default(DEFAULT_TIMEOUT_MS, '1m'),
    );
}

/**
 * Sends an update to the claim's workflow and prints its answer.
 * @throws CliError the workflow refuses, in its own words; it cannot be reached; or the time to wait is over
 */
export async function steer(
  context: CliContext,
  name: string,
  order: Order,
  options: SteerOptions,
): Promise<void> {
  const claim = await readClaim(context, parseClaimName(name));
  const client = await openTemporal(context);
  const workflow = client.workflow.getHandle(readWorkflowId(claim));
  const ask = createAsk(context, client, claim);
  const before = options.wait
    ? listServedKeys(await ask(() => queryStatus(workflow)))
    : new Set<string>();
  const answer = await ask(() => sendUpdate(workflow, order));
  context.print(`${toPlainText(answer)}.`);
  if (!options.wait) return;
  const look = async (): Promise<WaitVerdict> =>
    judgeSteering(order.command, before, await ask(() => queryStatus(workflow)));
  await waitUntilDone(context, claim, look, options.timeout);
}

function readWorkflowId({ metadata, status }: ClaimObject): string {
  return status?.workflow?.id ?? buildWorkflowId(metadata);
}

function sendUpdate(workflow: WorkflowHandle, { command, argument }: Order): Promise<string> {
  const name = COMMANDS[command];
  if (argument === undefined) return workflow.executeUpdate<string, []>(name);
  return workflow.executeUpdate<string, [DetachCommand]>(name, { args: [argument] });
}

function queryStatus(workflow: WorkflowHandle): Promise<WorkflowStatus> {
  return workflow.query<WorkflowStatus>('status');
}

type Ask = <T>(question: () => Promise<T>) => Promise<T>;

/** Bounds each request to Temporal, and tells its failures in words. */
function createAsk(context: CliContext, client: Client, claim: ClaimObject): Ask {
  const { namespace, name } = claim.metadata;
  return async (question) => {
    try {
      return await client.connection.withAbortSignal(context.signal, () =>
        client.withDeadline(Date.now() + ANSWER_DEADLINE_MS, question),
      );
    } catch (error) {
      context.signal.throwIfAborted();
      throw await explainRefusal(`${namespace}/${name}`, error);
    }
  };
}

async function explainRefusal(claim: string, error: unknown): Promise<CliError> {
  const { WorkflowNotFoundError, WorkflowUpdateFailedError } = await import('@temporalio/client');
  if (error instanceof WorkflowUpdateFailedError) {
    return new CliError(toPlainText(error.cause?.message ?? error.message), EXIT_CODES.failed, {
      cause: error,
    });
  }
  if (error instanceof WorkflowNotFoundError) {
    return new CliError(
      `Nothing looks after claim ${claim}: its workflow does not run in this namespace of Temporal; see whether a controller is ready with \`kubectl dynvol doctor\``,
      EXIT_CODES.notFound,
      { cause: error },
    );
  }
  return new CliError(
    `The workflow of claim ${claim} does not answer (${readFirstLine(error)}): see whether a controller is ready with \`kubectl dynvol doctor\``,
    EXIT_CODES.noAccess,
    { cause: error },
  );
}

function readFirstLine(error: unknown): string {
  const { cause, message } = error as { cause?: { details?: string }; message?: string };
  return toPlainText((cause?.details || message || String(error)).split('\n')[0] ?? '');
}

async function waitUntilDone(
  context: CliContext,
  { metadata }: ClaimObject,
  look: () => Promise<WaitVerdict>,
  timeoutMs: number,
): Promise<void> {
  const title = `${metadata.namespace}/${metadata.name}`;
  const progress = startProgress((words) => context.tell(`${title} ${toPlainText(words)} …`));
  const endMs = performance.now() + timeoutMs;
  try {
    for (;;) {
      const { state, words } = await look();
      if (state === 'reached') return context.print(`${title} ${toPlainText(words)}`);
      if (state === 'never') throw new CliError(`Claim ${title} ${toPlainText(words)}`);
      if (performance.now() > endMs) {
        throw new CliError(
          `After ${formatDuration(timeoutMs)}, claim ${title} ${toPlainText(words)}`,
          EXIT_CODES.timeOver,
        );
      }
      progress.show(words);
      await sleep(POLL_MS, context.signal);
    }
  } finally {
    progress.end();
  }
}
