// How does a program that `up` starts inside get its order and answer?
import { joinControlGroup } from './control-groups.ts';
import { buildEnterArgv } from './namespaces.ts';
import type { Progress } from './progress.ts';
import { run } from './shell.ts';
import type { ProcessesByName } from './state.ts';

/**
 * Runs one of the boot programs on the node with this first process.
 *
 * @param order passed on the command line, as JSON
 * @throws Error with the words of the program when it fails
 */
export async function runBootProgram(
  program: string,
  holderPid: number,
  order: object,
  progress: Progress,
): Promise<ProcessesByName> {
  const argv = [process.execPath, program, JSON.stringify(order)];
  const output = await run(buildEnterArgv(holderPid, argv, '/'), { onErrorLine: progress });
  return JSON.parse(output) as ProcessesByName;
}

/** The other side: does what was ordered and answers on standard output, progress goes to standard error. */
export async function answerOrder(
  work: (order: unknown, progress: Progress) => Promise<ProcessesByName>,
): Promise<void> {
  try {
    joinControlGroup(0);
    const order: unknown = JSON.parse(process.argv[2] ?? '{}');
    const started = await work(order, (line) => process.stderr.write(`${line}\n`));
    process.stdout.write(JSON.stringify(started));
  } catch (error) {
    const { message, cause } = error as Error;
    process.stderr.write(`${message}${cause instanceof Error ? `: ${cause.message}` : ''}\n`);
    process.exit(1);
  }
}
