// What may stand where the cursor is? (pure, from the commands and flags that there are)
import type { Argument, Command, Option } from 'commander';

/** What the last word may be; names of objects are to be looked up. */
export type CompletionPlan =
  | { kind: 'words'; words: Candidate[] }
  | { kind: 'claims' | 'namespaces' | 'contexts' | 'files' | 'nothing' };

export interface Candidate {
  word: string;
  description?: string;
}

/** Flags before the cursor that decide where names are looked up. */
export interface GivenFlags {
  namespace?: string;
  context?: string;
  kubeconfig?: string;
}

interface Position {
  command: Command;
  /** Arguments of the command that stand before the cursor. */
  operands: number;
  /** The flag whose value the cursor is at. */
  flag: Option | undefined;
  given: GivenFlags;
}

const VALUES: Readonly<Record<string, 'namespaces' | 'contexts' | 'files'>> = {
  namespace: 'namespaces',
  context: 'contexts',
  kubeconfig: 'files',
};

/** Names of arguments that are claims. */
const CLAIM_ARGUMENTS: readonly string[] = ['name', 'names'];

/**
 * @param words of the command line up to the cursor; the last is the one to be completed, "" for a new one
 * @returns also what the candidates begin with: the last word, of `--flag=value` the value alone, as Cobra has it
 */
export function planCompletion(
  program: Command,
  words: readonly string[],
): { plan: CompletionPlan; current: string; given: GivenFlags } {
  const position = readPosition(program, words.slice(0, -1));
  const current = takeFlagOfWord(program, position, words.at(-1) ?? '');
  const plan = planWord(program, position, current);
  return {
    plan: plan.kind === 'words' ? keepMatching(plan.words, current) : plan,
    current,
    given: position.given,
  };
}

/** A flag and its value may be one word; gives back what is to be completed. */
function takeFlagOfWord(program: Command, position: Position, word: string): string {
  const [, name, value] = /^(--[^=]+)=(.*)$/.exec(word) ?? [];
  if (position.flag !== undefined || name === undefined || value === undefined) return word;
  takeFlag(program, position, name);
  return position.flag === undefined ? word : value;
}

function planWord(program: Command, position: Position, current: string): CompletionPlan {
  const { command, flag, operands } = position;
  if (flag !== undefined) return planValue(flag);
  if (current.startsWith('-')) return { kind: 'words', words: listFlags(program, command) };
  if (command === program) return { kind: 'words', words: listCommands(program) };
  const argument = findArgument(command, operands);
  return argument === undefined ? { kind: 'nothing' } : planArgument(argument);
}

function planValue(flag: Option): CompletionPlan {
  if (flag.argChoices) return { kind: 'words', words: flag.argChoices.map((word) => ({ word })) };
  return { kind: VALUES[flag.attributeName()] ?? 'nothing' };
}

function planArgument(argument: Argument): CompletionPlan {
  if (argument.argChoices) {
    return { kind: 'words', words: argument.argChoices.map((word) => ({ word })) };
  }
  return { kind: CLAIM_ARGUMENTS.includes(argument.name()) ? 'claims' : 'nothing' };
}

function findArgument(command: Command, operands: number): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[operands] ?? (last?.variadic ? last : undefined);
}

function readPosition(program: Command, words: readonly string[]): Position {
  const position: Position = { command: program, operands: 0, flag: undefined, given: {} };
  for (const word of words) {
    if (position.flag !== undefined) {
      keepValue(position.given, position.flag, word);
      position.flag = undefined;
    } else if (word.startsWith('-')) {
      takeFlag(program, position, word);
    } else {
      takeOperand(program, position, word);
    }
  }
  return position;
}

function takeFlag(program: Command, position: Position, word: string): void {
  const [name = '', value] = word.split('=', 2);
  const flags = [...position.command.options, ...program.options];
  const flag = flags.find((each) => each.long === name || each.short === name);
  if (flag === undefined || !flag.required) return;
  if (value === undefined) position.flag = flag;
  else keepValue(position.given, flag, value);
}

function keepValue(given: GivenFlags, flag: Option, value: string): void {
  const name = flag.attributeName();
  if (name === 'namespace' || name === 'context' || name === 'kubeconfig') given[name] = value;
}

function takeOperand(program: Command, position: Position, word: string): void {
  if (position.command !== program) {
    position.operands += 1;
    return;
  }
  const found = program.commands.find(
    (command) => command.name() === word || command.aliases().includes(word),
  );
  if (found !== undefined) position.command = found;
}

function listFlags(program: Command, command: Command): Candidate[] {
  const flags = [...new Set([...command.options, ...program.options])];
  return flags
    .filter((flag) => !flag.hidden)
    .flatMap(({ long, description }) => (long ? [{ word: long, description }] : []));
}

function listCommands(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), description: command.description() }));
}

function keepMatching(words: Candidate[], current: string): CompletionPlan {
  return { kind: 'words', words: words.filter(({ word }) => word.startsWith(current)) };
}
