// What does a person read about the command line? (docs/reference/command-line.md; the program does not import it)
import { Command } from 'commander';
import type { Argument, Option } from 'commander';
import { buildMarkdownTable } from '../api/markdown-table.ts';
import { createContext } from './context.ts';
import type { CliSystem } from './context.ts';
import { EXIT_CODE_HELP } from './exit-codes.ts';
import { buildProgram, EXAMPLES } from './program.ts';

/** Nothing is run: only what the commands say of themselves is read. */
const SYSTEM: CliSystem = {
  environment: {},
  stdout: { write: () => true },
  stderr: { write: () => true },
  now: () => new Date(0),
  signal: new AbortController().signal,
};

/** Builds the page from the commands themselves. */
export function buildCommandLinePage(): string {
  const program = new Command();
  buildProgram(
    program,
    createContext(SYSTEM, () => program.opts()),
    SYSTEM,
  );
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  return [
    '# Command line',
    '',
    'What `kubectl dynvol --help` and `kubectl dynvol COMMAND --help` say. How to get it, and which rights and which variables of the environment it knows: [Install the command line](../how-to/install-the-command-line.md).',
    '',
    'Generated from `cli/` by `npm run generate`; do not edit.',
    '',
    ...buildMarkdownTable(
      ['Command', 'Does'],
      commands.map((command) => [
        `[\`${command.name()}\`](#kubectl-dynvol-${command.name()})`,
        toSentence(command.description()),
      ]),
    ),
    '',
    ...commands.flatMap(buildCommand),
    '## Flags of all commands',
    '',
    ...buildOptions(help.visibleOptions(program)),
    '',
    'They stand before or after the name of the command. An output format that a command does not have is refused, with those that it has.',
    '',
    '## Exit codes',
    '',
    ...buildMarkdownTable(
      ['Code', 'Means'],
      EXIT_CODE_HELP.map(([code, what]) => [String(code), toSentence(what)]),
    ),
    '',
    '## Examples',
    '',
    ...buildMarkdownTable(
      ['For', 'Type'],
      EXAMPLES.map(([command, what]) => [what, `\`${command}\``]),
    ),
    '',
  ].join('\n');
}

function buildCommand(command: Command): string[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command);
  const words = help.visibleArguments(command);
  const alias = command.alias() ? ` Also \`kubectl dynvol ${command.alias()}\`.` : '';
  return [
    `## kubectl dynvol ${command.name()}`,
    '',
    `${toSentence(command.description())}${alias}`,
    '',
    '```text',
    `kubectl dynvol ${command.name()} ${command.usage()}`,
    '```',
    '',
    ...(words.length > 0 ? [...buildArguments(words), ''] : []),
    ...(options.some(({ long }) => long !== '--help') ? [...buildOptions(options), ''] : []),
  ];
}

function buildArguments(words: Argument[]): string[] {
  return buildMarkdownTable(
    ['Argument', 'Means'],
    words.map((word) => [`\`${word.name()}\``, toSentence(describe(word))]),
  );
}

function buildOptions(options: Option[]): string[] {
  return buildMarkdownTable(
    ['Flag', 'Means'],
    options
      .filter(({ long }) => long !== '--help')
      .map((option) => [`\`${option.flags}\``, toSentence(describe(option))]),
  );
}

function describe(part: Argument | Option): string {
  const { description, argChoices, defaultValue, defaultValueDescription } = part;
  // A flag that begins with "no-" is true by default, which tells nothing.
  const byDefault = defaultValueDescription ?? (defaultValue === true ? undefined : defaultValue);
  return [
    description,
    ...(argChoices ? [`one of ${argChoices.map((one) => `\`${one}\``).join(', ')}`] : []),
    ...(byDefault === undefined ? [] : [`\`${String(byDefault)}\` when absent`]),
  ].join('; ');
}

function toSentence(text: string): string {
  const [first = ''] = text.split(' ');
  // `s3://BUCKET` is no word.
  const start = first.includes(':') ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${start}${text.slice(1)}.`;
}
