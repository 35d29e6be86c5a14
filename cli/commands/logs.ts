// What do the mount pods of a claim log?
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { MOUNT_CONTAINER, MOUNT_NAMESPACE } from '../../api/names.ts';
import type { MountPodView } from '../../console/model/views.ts';
import { namespacedPath } from '../../watch/kubernetes-requests.ts';
import { readDetails } from '../claim-detail.ts';
import { parseClaimName, readClaim } from '../claims.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { explainFailure } from '../failures.ts';
import { chooseFormat } from '../output/objects.ts';
import { toPlainText } from '../output/plain-text.ts';

interface LogsOptions {
  pod?: string;
  follow?: boolean;
  tail: number;
}

const DEFAULT_TAIL = 100;
/** For all lines of a pod that is not followed. */
const LOG_DEADLINE_MS = 60_000;

export function register(program: Command, context: CliContext): void {
  program
    .command('logs')
    .description('logs of the mount pods of a claim')
    .argument('<name>', 'name of the claim')
    .option('--pod <name>', 'only of the mount pod that serves this pod, or has this name')
    .option('-f, --follow', 'go on with new lines')
    .addOption(
      new Option('--tail <lines>', 'lines of each mount pod, from the end')
        .argParser(parseLines)
        .default(DEFAULT_TAIL),
    )
    .action((name: string, options: LogsOptions) =>
      printLogs(context, parseClaimName(name), options),
    );
}

function parseLines(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number of lines.');
}

async function printLogs(context: CliContext, name: string, options: LogsOptions): Promise<void> {
  chooseFormat(context, []);
  const mountPods = chooseMountPods(await findMountPods(context, name), name, options.pod);
  const width = Math.max(...mountPods.map((mountPod) => mountPod.name.length));
  for (const { name: title, node, pods } of mountPods) {
    context.tell(`${title} on ${node || 'no node yet'} serves ${pods.join(', ')}`);
  }
  const print = (mountPod: MountPodView) => printLog(context, mountPod, width, options);
  const results: boolean[] = [];
  if (options.follow) results.push(...(await Promise.all(mountPods.map(print))));
  else for (const mountPod of mountPods) results.push(await print(mountPod));
  if (!results.includes(true)) context.setExitCode(EXIT_CODES.failed);
}

async function findMountPods(context: CliContext, name: string): Promise<MountPodView[]> {
  const claim = await readClaim(context, name);
  const { details, gaps } = await readDetails(context, [claim]);
  const found = details.flatMap(({ mountPods }) => mountPods);
  if (found.length > 0) return found;
  const [gap] = gaps;
  if (gap !== undefined) throw new CliError(gap, EXIT_CODES.noAccess);
  throw new CliError(
    `Claim ${claim.metadata.namespace}/${name} has no mount pod: \`kubectl dynvol explain ${name} -n ${claim.metadata.namespace}\` says why`,
    EXIT_CODES.notFound,
  );
}

function chooseMountPods(
  mountPods: MountPodView[],
  claim: string,
  pod: string | undefined,
): MountPodView[] {
  if (pod === undefined) return mountPods;
  const chosen = mountPods.filter(({ name, pods }) => name === pod || pods.includes(pod));
  if (chosen.length > 0) return chosen;
  const served = [...new Set(mountPods.flatMap(({ pods }) => pods))].join(', ');
  throw new CliError(
    `No mount pod of claim "${claim}" serves pod "${pod}"; served are ${served}`,
    EXIT_CODES.notFound,
  );
}

/** False when there was no log to be had; why is told. */
async function printLog(
  context: CliContext,
  { name }: MountPodView,
  width: number,
  { follow, tail }: LogsOptions,
): Promise<boolean> {
  const query = new URLSearchParams({
    container: MOUNT_CONTAINER,
    tailLines: String(tail),
    ...(follow ? { follow: 'true' } : {}),
  });
  const path = `${namespacedPath('/api/v1', 'pods', { namespace: MOUNT_NAMESPACE, name })}/log?${query.toString()}`;
  const limits = follow ? [] : [AbortSignal.timeout(LOG_DEADLINE_MS)];
  const prefix = context.style.faint(`${name.padEnd(width)} |`);
  try {
    const signal = AbortSignal.any([context.signal, ...limits]);
    for await (const line of context.kubernetes().stream(path, signal)) {
      if (line !== '') context.print(`${prefix} ${toPlainText(line)}`);
    }
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    context.tell(`${name}: ${explainFailure(error, 'the API server').message}.`);
    return false;
  }
}
