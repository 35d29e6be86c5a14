// How is a claim told something through its workflow?
import type { WorkflowHandle } from '@temporalio/client';
import { Option } from 'commander';
import type { Command } from 'commander';
import { buildWorkflowId, COMMANDS } from '../api/names.ts';
import { sleep } from '../watch/backoff.ts';
import type { CommandKind } from '../workflows/commands.ts';
import type { DetachCommand, WorkflowStatus } from '../workflows/messages.ts';
import { createAsk } from './ask-workflow.ts';
import { parseClaimName, readClaim } from './claims.ts';
import type { ClaimObject } from './claims.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { parseDuration } from './duration.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { formatDuration } from './output/age.ts';
import { chooseFormat } from './output/objects.ts';
import { toPlainText } from './output/plain-text.ts';
import { startProgress } from './output/progress.ts';
import { judgeSteering, listServedKeys } from './steer-verdict.ts';
import { openTemporal } from './temporal-access.ts';
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
  chooseFormat(context, []);
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
