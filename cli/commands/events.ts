// What has Kubernetes been told of claims and their pods?
import type { Command } from 'commander';
import { listClaims, parseClaimName, readClaim } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { readCount, readLastSeen, sortByLastSeen, tellsOf } from '../events.ts';
import type { EventObject, EventSubjects } from '../events.ts';
import { followObjects } from '../follow.ts';
import type { FollowOptions } from '../follow.ts';
import { formatAge } from '../output/age.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';
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
  const subjects = await findSubjects(context, name);
  const table = createTablePrinter(context, buildColumns(context));
  for await (const batch of followObjects<EventObject>(buildRequest(context, name))) {
    const events = batch.filter(({ gone }) => !gone).map(({ object }) => object);
    const told = sortByLastSeen(events.filter((event) => tellsOf(event, subjects)));
    if (format !== undefined && !goesOn) {
      context.print(formatObject({ apiVersion: 'v1', kind: 'List', items: told }, format));
    } else if (format !== undefined) {
      for (const event of told) context.print(formatObject(event, format));
    } else {
      table.print(told);
    }
    if (goesOn) continue;
    if (told.length === 0 && format === undefined) context.tell(describeNothing(context, name));
    return;
  }
}

/** Undefined for all claims. */
async function findSubjects(
  context: CliContext,
  name: string | undefined,
): Promise<EventSubjects | undefined> {
  if (name === undefined && context.flags.selector === undefined) return undefined;
  const claims =
    name === undefined ? (await listClaims(context)).items : [await readClaim(context, name)];
  const pods = name === undefined ? [] : claims.flatMap(({ status }) => status?.pods ?? []);
  return {
    claims: new Set(claims.map(({ metadata }) => metadata.name)),
    pods: new Set(pods.map((pod) => pod.name)),
  };
}

function buildRequest(context: CliContext, name: string | undefined): FollowOptions {
  const isEverywhere = context.flags.allNamespaces === true && name === undefined;
  const path = isEverywhere
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
