// How much does each mount move, and what slows it?
import { Option } from 'commander';
import type { Command } from 'commander';
import { CONSOLE_PATHS } from '../../console/model/views.ts';
import type { MountsAnswer, MountStatistics } from '../../console/model/views.ts';
import { sleep } from '../../watch/backoff.ts';
import { listClaims, parseClaimName, readClaim } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { parseDuration } from '../duration.ts';
import { buildRates } from '../mount-rates.ts';
import type { MountRate } from '../mount-rates.ts';
import { formatMs } from '../output/age.ts';
import { formatBytes } from '../output/bytes.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';
import { formatTable } from '../output/table.ts';
import type { Column } from '../output/table.ts';

const DEFAULT_INTERVAL_MS = 2_000;
/** Share of periods from which the CPU limit is what slows a mount pod. */
const THROTTLED_MUCH = 0.25;

export function register(program: Command, context: CliContext): void {
  program
    .command('top')
    .description('what each mount moves, holds in its cache and waits for')
    .argument('[name]', 'name of a claim')
    .addOption(
      new Option('--interval <duration>', 'time between the two looks that give the rate')
        .argParser(parseDuration)
        .default(DEFAULT_INTERVAL_MS, '2s'),
    )
    .action((name: string | undefined, { interval }: { interval: number }) =>
      printMounts(context, name, interval),
    );
}

async function printMounts(
  context: CliContext,
  name: string | undefined,
  intervalMs: number,
): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml', 'wide']);
  const isWanted = await findWanted(context, name);
  const before = await readMounts(context);
  context.progress(`Measuring for ${formatMs(intervalMs)}`);
  await sleep(intervalMs, context.signal);
  const after = await readMounts(context);
  const mounts = buildRates(before.mounts, after.mounts).filter(isWanted);
  const { unreachableNodes } = after;
  if (format === 'json' || format === 'yaml') {
    return context.print(formatObject({ mounts, unreachableNodes }, format));
  }
  if (mounts.length > 0) {
    context.print(formatTable(buildColumns(context, format === 'wide'), mounts));
  } else {
    context.tell('Nothing is mounted here.');
  }
  if (unreachableNodes.length === 0) return;
  context.tell(
    `Not known: mounts on ${unreachableNodes.join(', ')}, whose node agent does not answer.`,
  );
}

async function readMounts(context: CliContext): Promise<MountsAnswer> {
  const console = await context.console();
  const query = context.flags.allNamespaces
    ? ''
    : `?${new URLSearchParams({ namespace: context.namespace() }).toString()}`;
  return console.get<MountsAnswer>(CONSOLE_PATHS.mounts + query);
}

async function findWanted(
  context: CliContext,
  name: string | undefined,
): Promise<(mount: MountStatistics) => boolean> {
  if (name !== undefined) {
    const { metadata } = await readClaim(context, parseClaimName(name));
    return ({ namespace, claim }) => namespace === metadata.namespace && claim === metadata.name;
  }
  if (context.flags.selector === undefined) return () => true;
  const { items } = await listClaims(context);
  const chosen = new Set(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  return ({ namespace, claim }) => chosen.has(`${namespace}/${claim}`);
}

function buildColumns({ flags, style }: CliContext, isWide: boolean): Column<MountRate>[] {
  const keep = (text: string): string => text;
  return [
    ...(flags.allNamespaces
      ? [{ title: 'NAMESPACE', text: ({ namespace }: MountRate) => namespace }]
      : []),
    { title: 'CLAIM', text: ({ claim }) => claim },
    { title: 'POD', text: ({ pod }) => pod },
    { title: 'NODE', text: ({ node }) => node },
    { title: 'RATE', text: formatRate, align: 'right' },
    {
      title: 'TOTAL',
      text: ({ transferredBytes }) => formatBytes(transferredBytes),
      align: 'right',
    },
    {
      title: 'ERRORS',
      text: ({ errors }) => String(errors),
      mark: ({ errors }) => (errors > 0 ? style.bad : keep),
      align: 'right',
    },
    { title: 'OPEN', text: ({ openFiles }) => String(openFiles), align: 'right' },
    { title: 'CACHED', text: ({ cachedBytes }) => formatBytes(cachedBytes), align: 'right' },
    { title: 'UPLOADS', text: ({ pendingUploads }) => String(pendingUploads), align: 'right' },
    {
      title: 'THROTTLED',
      text: formatThrottling,
      mark: ({ throttledShare = 0 }) => (throttledShare >= THROTTLED_MUCH ? style.bad : keep),
      align: 'right',
    },
    ...(isWide
      ? [
          { title: 'MOUNTPOINT', text: ({ mountpoint }: MountRate) => mountpoint },
          { title: 'MOUNT POD', text: ({ mountPod }: MountRate) => mountPod },
        ]
      : []),
  ];
}

function formatRate({ bytesPerSecond }: MountRate): string {
  return bytesPerSecond === undefined ? '-' : `${formatBytes(bytesPerSecond)}/s`;
}

function formatThrottling({ throttledShare }: MountRate): string {
  return throttledShare === undefined ? 'no limit' : `${Math.round(throttledShare * 100)} %`;
}
