// Which commands does `kubectl dynvol` have, and how does a command line become an exit code?
import { Command, CommanderError } from 'commander';
import * as attach from './commands/attach.ts';
import * as completion from './commands/completion.ts';
import * as detach from './commands/detach.ts';
import * as doctor from './commands/doctor.ts';
import * as events from './commands/events.ts';
import * as explain from './commands/explain.ts';
import * as get from './commands/get.ts';
import * as history from './commands/history.ts';
import * as logs from './commands/logs.ts';
import * as mount from './commands/mount.ts';
import * as remount from './commands/remount.ts';
import * as top from './commands/top.ts';
import * as tree from './commands/tree.ts';
import * as version from './commands/version.ts';
import * as wait from './commands/wait.ts';
import { createContext } from './context.ts';
import type { CliContext, CliSystem, OwnedContext } from './context.ts';
import { EXIT_CODE_HELP, EXIT_CODES } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { explainFailure } from './failures.ts';
import { addGlobalFlags } from './flags.ts';
import type { GlobalFlags } from './flags.ts';

/** In the order of the help: to look, to act, the rest. */
const READING = [get, tree, explain, history, events, logs, top, wait];
const ACTING = [mount, remount, detach, attach, doctor];
const OTHERS = [completion, version];

/**
 * Runs one command line.
 *
 * @param words of the command line, without program and script
 * @returns the exit code; every failure is told on stderr, in one sentence
 */
export async function runCli(words: readonly string[], system: CliSystem): Promise<ExitCode> {
  const program = new Command();
  const context = createContext(system, () => program.opts<GlobalFlags>());
  buildProgram(program, context, system);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return system.signal.aborted ? EXIT_CODES.interrupted : context.exitCode;
  } catch (error) {
    return tellFailure(error, context, system);
  } finally {
    await context.close();
  }
}

/** Adds every command and flag to a program that has none yet. */
export function buildProgram(program: Command, context: CliContext, system: CliSystem): void {
  program
    .name('kubectl dynvol')
    .description('Storage that comes and goes in running pods: look at it, and steer it.')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void system.stdout.write(text),
      writeErr: (text) => void system.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, '')),
      getOutHelpWidth: () => system.stdout.columns ?? 100,
      getErrHelpWidth: () => system.stderr.columns ?? 100,
    })
    .showSuggestionAfterError()
    .showHelpAfterError('`kubectl dynvol --help` shows all commands and flags.')
    .exitOverride()
    .addHelpText('after', `\n${formatExamples()}\n\n${formatExitCodes()}`);
  addGlobalFlags(program);
  const groups = [
    ['To look:', READING],
    ['To act:', ACTING],
    ['Others:', OTHERS],
  ] as const;
  for (const [title, commands] of groups) {
    program.commandsGroup(title);
    for (const command of commands) command.register(program, context);
  }
  program.helpCommand(true);
}

/** Command lines, and what each of them is for. */
export const EXAMPLES: readonly [command: string, what: string][] = [
  ['kubectl dynvol get -A', 'the claims of all namespaces'],
  ['kubectl dynvol explain pictures', 'why a claim is not ready, and what to do'],
  ['kubectl dynvol wait pictures --timeout 5m', 'until its files are there'],
  ['kubectl dynvol remount pictures', 'a fresh mount with fresh keys, under the readers'],
  [
    'kubectl dynvol mount s3://photos/2024 web-0:/data --endpoint https://s3.example.com',
    'storage for one pod, without YAML',
  ],
];

/** Wide enough for all but the longest, which speaks for itself. */
const EXAMPLE_WIDTH = 43;

function formatExamples(): string {
  const lines = EXAMPLES.map(([command, what]) =>
    command.length < EXAMPLE_WIDTH ? `  ${command.padEnd(EXAMPLE_WIDTH)}${what}` : `  ${command}`,
  );
  return ['Examples:', ...lines].join('\n');
}

function formatExitCodes(): string {
  const lines = EXIT_CODE_HELP.map(([code, what]) => `  ${String(code).padEnd(4)} ${what}`);
  return ['Exit codes:', ...lines].join('\n');
}

function tellFailure(error: unknown, context: OwnedContext, system: CliSystem): ExitCode {
  if (system.signal.aborted) return EXIT_CODES.interrupted;
  // Commander has written help or what is wrong with the command line.
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  const { message, exitCode } = explainFailure(error, nameServer(context));
  context.tell(/[.?]$/.test(message) ? message : `${message}.`);
  return exitCode;
}

function nameServer(context: CliContext): string {
  try {
    return `The API server ${context.kubeConfig().getCurrentCluster()?.server ?? ''}`.trim();
  } catch {
    return 'The API server';
  }
}
