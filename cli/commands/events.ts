// What has Kubernetes been told of claims and their pods?
import type { Command } from 'commander';
import { chooseEvents } from '../choose-events.ts';
import { parseClaimName, readClaim, refuseSelection } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { readCount, readLastSeen } from '../events.ts';
import type { EventObject } from '../events.ts';
import { followObjects } from '../follow.ts';
import type { FollowOptions } from '../follow.ts';
import { formatAge } from '../output/age.ts';
import { chooseFormat, formatDocument, formatObject } from '../output/objects.ts';
import { createTablePrinter } from '../output/table-printer.ts';
import type { Column } from '../output/table.ts';

const EVENTS_PATH = '/apis/events.k8s.io/v1';

export function register(program: Command, context: CliContext): void {
  program
    .command('events')
    .description('Events of claims; of one claim also those of its pods')
    .argument('[name]', 'name of a claim')
    .option('-w, --watch', 'go on with new ones')
    .action((name: string | undefined, { watch }: { watch?: boolean }) =>
      printEvents(context, name === undefined ? undefined : parseClaimName(name), watch === true),
    );
}

async function printEvents(
  context: CliContext,
  name: string | undefined,
  goesOn: boolean,
): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml']);
  if (name !== undefined) refuseSelection(context);
  const print = createPrinter(context, format, goesOn);
  const choose = chooseEvents(context, name);
  let isFirst = true;
  for await (const batch of followObjects<EventObject>(buildRequest(context, name))) {
    const told = await choose(batch.filter(({ gone }) => !gone).map(({ object }) => object));
    // The Events of a claim outlive it; without any the name may be a wrong one.
    if (isFirst && told.length === 0 && name !== undefined) await readClaim(context, name);
    isFirst = false;
    print(told);
    if (goesOn) continue;
    if (told.length === 0 && format === undefined) context.tell(describeNothing(context, name));
    return;
  }
}

function createPrinter(
  context: CliContext,
  format: 'json' | 'yaml' | undefined,
  goesOn: boolean,
): (told: EventObject[]) => void {
  if (format === undefined) return createTablePrinter(context, buildColumns(context)).print;
  if (!goesOn)
    return (items) =>
      context.print(formatObject({ apiVersion: 'v1', kind: 'List', items }, format));
  return (told) => {
    for (const event of told) context.print(formatDocument(event, format));
  };
}

function buildRequest(context: CliContext, name: string | undefined): FollowOptions {
  const path = context.flags.allNamespaces
    ? `${EVENTS_PATH}/events`
    : `${EVENTS_PATH}/namespaces/${encodeURIComponent(context.namespace())}/events`;
  return {
    connection: context.kubernetes(),
    path,
    ...(name === undefined
      ? { query: { fieldSelector: 'regarding.kind=DynamicVolumeClaim' } }
      : {}),
    signal: context.signal,
    onOutage: () => context.tell('The API server does not answer; trying again …'),
  };
}

function buildColumns({ flags, now, style }: CliContext): Column<EventObject>[] {
  return [
    ...(flags.allNamespaces
      ? [{ title: 'NAMESPACE', text: (event: EventObject) => event.metadata.namespace }]
      : []),
    { title: 'LAST SEEN', text: (event) => formatAge(readLastSeen(event), now()) },
    {
      title: 'TYPE',
      text: (event) => event.type ?? '',
      mark: (event) => (event.type === 'Warning' ? style.bad : style.faint),
    },
    { title: 'REASON', text: (event) => event.reason ?? '' },
    { title: 'OBJECT', text: formatRegarding },
    { title: 'MESSAGE', text: formatNote },
  ];
}

function formatRegarding({ regarding }: EventObject): string {
  const kind =
    regarding?.kind === 'DynamicVolumeClaim' ? 'claim' : (regarding?.kind ?? '').toLowerCase();
  return `${kind}/${regarding?.name ?? ''}`;
}

function formatNote(event: EventObject): string {
  const count = readCount(event);
  return count > 1 ? `${event.note ?? ''} (${count} times)` : (event.note ?? '');
}

function describeNothing(context: CliContext, name: string | undefined): string {
  const where = context.flags.allNamespaces ? 'any namespace' : `namespace ${context.namespace()}`;
  const what = name === undefined ? `claims in ${where}` : `claim ${context.namespace()}/${name}`;
  return `There are no Events of ${what}: Kubernetes keeps them for an hour; \`kubectl dynvol history\` goes back further.`;
}
