// How are objects printed for programs?
import { stringify } from 'yaml';
import { GROUP } from '../../api/names.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { OutputFormat } from '../flags.ts';

const JSON_INDENT = 2;

/**
 * JSON or YAML, without a line end and, as kubectl does, without `managedFields`. Times are quoted in YAML: for many
 * readers they would be no texts otherwise.
 */
export function formatObject(value: unknown, format: 'json' | 'yaml'): string {
  const text = JSON.stringify(value, dropManagedFields, JSON_INDENT);
  if (format === 'json') return text;
  return stringify(JSON.parse(text), { lineWidth: 0, version: '1.1' }).trimEnd();
}

/** As {@link formatObject}, for objects that follow each other: YAML needs a mark between them. */
export function formatDocument(value: unknown, format: 'json' | 'yaml'): string {
  const text = formatObject(value, format);
  return format === 'yaml' ? `---\n${text}` : text;
}

function dropManagedFields(key: string, value: unknown): unknown {
  return key === 'managedFields' ? undefined : value;
}

/** `kind/name`, which kubectl and every command here take as a name. */
export function formatClaimName(name: string): string {
  return `dynamicvolumeclaim.${GROUP}/${name}`;
}

/**
 * The format that `-o` asks for, of those that a command has.
 * @throws CliError usage, naming those; a command that only prints text has none
 */
export function chooseFormat<F extends OutputFormat>(
  { flags }: Pick<CliContext, 'flags'>,
  offered: readonly F[],
): F | undefined {
  const { output } = flags;
  if (output === undefined) return undefined;
  const chosen = offered.find((format) => format === output);
  if (chosen !== undefined) return chosen;
  if (offered.length === 0) {
    throw new CliError(
      `-o ${output} is not offered here: this command prints text; leave it out`,
      EXIT_CODES.usage,
    );
  }
  throw new CliError(
    `-o ${output} is not offered here: use ${offered.map((format) => `-o ${format}`).join(' or ')}, or leave it out`,
    EXIT_CODES.usage,
  );
}
