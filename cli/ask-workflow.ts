// How is a claim's workflow asked, and how does its silence read?
import type { Client } from '@temporalio/client';
import type { ClaimObject } from './claims.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { toPlainText } from './output/plain-text.ts';
import { readTemporalSettings } from './temporal-settings.ts';

/** A workflow answers within milliseconds; without a worker it never does. */
const ANSWER_DEADLINE_MS = 20_000;

type Ask = <T>(question: () => Promise<T>) => Promise<T>;

/**
 * Bounds each request to Temporal, and tells its failures in words.
 *
 * @returns what asks; it throws CliError when the workflow refuses or does not answer, and the message says what to do
 */
export function createAsk(
  context: Pick<CliContext, 'signal' | 'flags' | 'environment'>,
  client: Client,
  claim: ClaimObject,
  deadlineMs = ANSWER_DEADLINE_MS,
): Ask {
  const { namespace, name } = claim.metadata;
  return async (question) => {
    try {
      return await client.connection.withAbortSignal(context.signal, () =>
        client.withDeadline(Date.now() + deadlineMs, question),
      );
    } catch (error) {
      context.signal.throwIfAborted();
      throw await explainRefusal(`${namespace}/${name}`, describeServer(context, client), error);
    }
  };
}

/** An address that was set long ago, in the environment, is the first thing to doubt. */
function describeServer(
  { flags, environment }: Pick<CliContext, 'flags' | 'environment'>,
  client: Client,
): string {
  const { address } = readTemporalSettings(flags, environment);
  const server = `namespace ${client.options.namespace} of Temporal`;
  if (address === undefined) return server;
  return `${server} at ${address}, as --temporal-address or TEMPORAL_ADDRESS says`;
}

async function explainRefusal(claim: string, server: string, error: unknown): Promise<CliError> {
  const { WorkflowNotFoundError, WorkflowUpdateFailedError } = await import('@temporalio/client');
  if (error instanceof WorkflowUpdateFailedError) {
    return new CliError(toPlainText(error.cause?.message ?? error.message), EXIT_CODES.failed, {
      cause: error,
    });
  }
  if (error instanceof WorkflowNotFoundError) {
    return new CliError(
      `Nothing looks after claim ${claim}: its workflow does not run in ${server}; see whether a controller is ready with \`kubectl dynvol doctor\``,
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
