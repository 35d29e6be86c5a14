// Which claims are there, and how are they?
import type { Command } from 'commander';
import { buildClaimSummary, findPhase } from '../../console/model/summary.ts';
import { buildClaimColumns } from '../claim-rows.ts';
import type { ClaimRow } from '../claim-rows.ts';
import { buildCollectionPath, listClaims, parseClaimName, readClaim } from '../claims.ts';
import type { ClaimObject } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { OUTPUT_FORMATS } from '../flags.ts';
import type { OutputFormat } from '../flags.ts';
import { followObjects } from '../follow.ts';
import type { Change } from '../follow.ts';
import { chooseFormat, formatClaimName, formatDocument, formatObject } from '../output/objects.ts';
import { createTablePrinter } from '../output/table-printer.ts';
import type { TablePrinter } from '../output/table-printer.ts';

interface GetOptions {
  watch?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('get')
    .description('claims with their pods, state, reason and age')
    .argument('[name]', 'name of a claim; all of them when absent')
    .option('-w, --watch', 'go on with each change')
    .action((name: string | undefined, { watch }: GetOptions) => {
      const claim = name === undefined ? undefined : parseClaimName(name);
      return watch ? watchClaims(context, claim) : printClaims(context, claim);
    });
}

async function printClaims(context: CliContext, name: string | undefined): Promise<void> {
  const format = chooseFormat(context, OUTPUT_FORMATS);
  const claims =
    name === undefined ? (await listClaims(context)).items : [await readClaim(context, name)];
  if (format === 'json' || format === 'yaml') {
    const list = { apiVersion: 'v1', kind: 'List', items: claims };
    return context.print(formatObject(name === undefined ? list : claims[0], format));
  }
  createPrinter(context, format)(claims.map((object) => ({ object, gone: false })));
  if (claims.length === 0) context.tell(describeNothing(context));
  if (format === undefined && context.isTerminal) tellOfFailed(context, claims);
}

/** A person, not a program, is told where to go on. */
function tellOfFailed({ tell }: CliContext, claims: readonly ClaimObject[]): void {
  const failed = claims.find((claim) => findPhase(claim) === 'Failed');
  if (failed === undefined) return;
  const { namespace, name } = failed.metadata;
  tell(`\nWhy, and what to do: kubectl dynvol explain ${name} -n ${namespace}`);
}

async function watchClaims(context: CliContext, name: string | undefined): Promise<void> {
  const format = chooseFormat(context, OUTPUT_FORMATS);
  const print = createPrinter(context, format);
  if (name !== undefined) await readClaim(context, name);
  const { selector } = context.flags;
  const batches = followObjects<ClaimObject>({
    connection: context.kubernetes(),
    path: buildCollectionPath(context),
    query: {
      ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
      ...(selector === undefined ? {} : { labelSelector: selector }),
    },
    signal: context.signal,
    onOutage: () => context.tell('The API server does not answer; trying again …'),
  });
  for await (const batch of batches) print(batch);
}

type PrintChanges = (changes: Change<ClaimObject>[]) => void;

function createPrinter(context: CliContext, format: OutputFormat | undefined): PrintChanges {
  switch (format) {
    case 'json':
    case 'yaml':
      return (changes) => {
        for (const { object } of changes) context.print(formatDocument(object, format));
      };
    case 'name':
      return (changes) => {
        for (const { object } of changes) context.print(formatClaimName(object.metadata.name));
      };
    case 'wide':
    case undefined:
      return printRows(createRowPrinter(context, format === 'wide'));
  }
}

function createRowPrinter(context: CliContext, isWide: boolean): TablePrinter<ClaimRow> {
  const { flags, style, now } = context;
  const withNamespace = flags.allNamespaces === true;
  return createTablePrinter(context, buildClaimColumns({ withNamespace, isWide, style, now }));
}

function printRows(table: TablePrinter<ClaimRow>): PrintChanges {
  return (changes) =>
    table.print(changes.map(({ object, gone }) => ({ ...buildClaimSummary(object), gone })));
}

function describeNothing({ flags, namespace }: CliContext): string {
  const labelled = flags.selector === undefined ? '' : ` with the labels ${flags.selector}`;
  const where = flags.allNamespaces ? 'in any namespace' : `in namespace ${namespace()}`;
  const other = flags.allNamespaces ? '' : '; -A looks in all of them';
  return `There are no claims${labelled} ${where}${other}.`;
}
