// How does a command wait for claims, without silence and not for ever?
import { buildCollectionPath, readClaim, refuseSelection } from './claims.ts';
import type { ClaimObject } from './claims.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { followObjects } from './follow.ts';
import { formatMs } from './output/age.ts';
import { toPlainText } from './output/plain-text.ts';
import { startProgress } from './output/progress.ts';
import { judgeWait } from './wait-verdict.ts';
import type { WaitGoal, WaitVerdict } from './wait-verdict.ts';

export interface ClaimWait {
  names: readonly string[];
  goal: WaitGoal;
  /** For all of them together. */
  timeoutMs: number;
}

type Context = Pick<
  CliContext,
  'flags' | 'kubernetes' | 'namespace' | 'print' | 'signal' | 'style' | 'tell'
>;

/**
 * Waits until each claim is as wanted, and prints a line for each as it becomes so. What takes longer than a second is
 * told on stderr, and each change of it.
 *
 * @throws CliError there is no such claim; the time is over; or it can no longer become so
 */
export async function waitForClaims(context: Context, wait: ClaimWait): Promise<void> {
  refuseSelection(context);
  const deadline = AbortSignal.timeout(wait.timeoutMs);
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, deadline, failed.signal]);
  const waits = wait.names.map((name) => waitForClaim({ ...context, signal }, name, wait));
  try {
    const verdicts = await Promise.all(waits);
    context.signal.throwIfAborted();
    failWhenOver(context, wait, verdicts);
  } finally {
    failed.abort();
  }
}

function failWhenOver(context: Context, wait: ClaimWait, verdicts: WaitVerdict[]): void {
  const late = verdicts.flatMap(({ state, words }, index) =>
    state === 'reached' ? [] : [`${context.namespace()}/${wait.names[index]} ${words}`],
  );
  if (late.length === 0) return;
  throw new CliError(
    `After ${formatMs(wait.timeoutMs)}, claim ${toPlainText(late.join('; claim '))}`,
    EXIT_CODES.timeOver,
  );
}

/** The last verdict: `reached`, or how it stood when the signal came. */
async function waitForClaim(
  context: Context,
  name: string,
  { goal }: ClaimWait,
): Promise<WaitVerdict> {
  const title = `${context.namespace()}/${name}`;
  const progress = startProgress((words) => context.tell(`${title} ${toPlainText(words)} …`));
  let verdict: WaitVerdict = { state: 'waiting', words: 'could not be looked at yet' };
  try {
    for await (const claim of followClaim(context, name, goal)) {
      verdict = judgeWait(claim, goal);
      if (verdict.state === 'reached') {
        context.print(`${title} ${context.style.good(toPlainText(verdict.words))}`);
        return verdict;
      }
      if (verdict.state === 'never') throw new CliError(`Claim ${title} ${verdict.words}`);
      progress.show(verdict.words);
    }
    return verdict;
  } finally {
    progress.end();
  }
}

/** Each state of the claim, undefined when there is none, until the signal comes. */
async function* followClaim(
  context: Context,
  name: string,
  goal: WaitGoal,
): AsyncGenerator<ClaimObject | undefined, void> {
  const batches = followObjects<ClaimObject>({
    connection: context.kubernetes(),
    path: buildCollectionPath(context),
    query: { fieldSelector: `metadata.name=${name}` },
    signal: context.signal,
    onOutage: () => context.tell('The API server does not answer; trying again …'),
  });
  let known = false;
  for await (const batch of batches) {
    const change = batch.at(-1);
    // A name that was never there is told with the names that are.
    if (change === undefined && goal === 'ready' && !known) await readClaim(context, name);
    known = true;
    yield change === undefined || change.gone ? undefined : change.object;
  }
}
