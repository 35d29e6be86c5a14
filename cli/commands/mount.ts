// How does storage get into one running pod, without a claim written by hand?
import { Option } from 'commander';
import type { Command } from 'commander';
import { namespacedPath } from '../../watch/kubernetes-requests.ts';
import { refuseSelection } from '../claims.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { parseDuration } from '../duration.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { listObjects } from '../list-objects.ts';
import { buildClaim } from '../mount/build-claim.ts';
import type { MountFlags, WrittenClaim } from '../mount/build-claim.ts';
import { buildMountpoint, parsePodPath } from '../mount/pod-path.ts';
import { choosePodLabels } from '../mount/pod-selector.ts';
import { parseStorageUrl } from '../mount/storage-url.ts';
import { findRootPath } from '../mount/workload-pod.ts';
import type { WorkloadPod } from '../mount/workload-pod.ts';
import { createClaim, labelPod } from '../mount/write-objects.ts';
import { suggestNames } from '../near-names.ts';
import { chooseFormat, formatClaimName, formatObject } from '../output/objects.ts';
import { waitForClaims } from '../wait-for-claims.ts';

interface MountOptions extends MountFlags {
  dryRun?: boolean;
  wait: boolean;
  /** Milliseconds. */
  timeout: number;
}

/** What `mount` writes, and where the storage will be seen. */
interface MountPlan {
  pod: WorkloadPod;
  /** Labels that the pod has to be given; absent when it has one of its own. */
  newLabels?: Record<string, string>;
  claim: WrittenClaim;
  /** Path in the containers. */
  seenAt: string;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function register(program: Command, context: CliContext): void {
  program
    .command('mount')
    .description('attach storage in one running pod: writes a claim that selects exactly this pod')
    .argument('<storage>', 's3://BUCKET or s3://BUCKET/PREFIX')
    .argument('<target>', 'POD:/PATH, below the volume root or with it')
    .option('--class <name>', 'StorageProviderClass; the one of the pod when absent')
    .option('--endpoint <url>', "server of the bucket; AWS's of the region when absent")
    .option('--region <name>', 'region that requests are signed for; us-east-1 when absent')
    .option('--read-only', 'refuse writes')
    .option('--name <name>', 'name of the claim; made of pod and path when absent')
    .option('--dry-run', 'print what would be written, as YAML, and write nothing')
    .option('--no-wait', 'do not wait until the storage can be read')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait, as 30s or 5m')
        .argParser(parseDuration)
        .default(DEFAULT_TIMEOUT_MS, '1m'),
    )
    .action((storage: string, target: string, options: MountOptions) =>
      mount(context, storage, target, options),
    );
}

async function mount(
  context: CliContext,
  storage: string,
  target: string,
  options: MountOptions,
): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml', 'name']);
  refuseSelection(context);
  const plan = await planMount(context, storage, target, options);
  if (options.dryRun) return context.print(formatPlan(plan, format === 'json' ? 'json' : 'yaml'));
  await write(context, plan);
  const { namespace, name } = plan.claim.metadata;
  if (format === 'name') context.print(formatClaimName(name));
  else if (format !== undefined) context.print(formatObject(plan.claim, format));
  if (!options.wait) return;
  // Whoever reads objects on stdout shall find nothing else there.
  const print = format === undefined ? context.print : context.tell;
  await waitForClaims(
    { ...context, flags: context.flags, namespace: () => namespace, print },
    { names: [name], goal: 'ready', timeoutMs: options.timeout },
  );
  context.tell(
    `The storage is at ${plan.seenAt} in pod ${plan.pod.metadata.name}; \`kubectl delete dvc -n ${namespace} ${name}\` takes it away again.`,
  );
}

async function planMount(
  context: CliContext,
  storage: string,
  target: string,
  flags: MountFlags,
): Promise<MountPlan> {
  const wanted = parseStorageUrl(storage);
  const { pod: podName, path } = parsePodPath(target);
  const pods = await listPods(context);
  const pod = pods.find(({ metadata }) => metadata.name === podName);
  if (pod === undefined) throw explainNoPod(context.namespace(), podName, pods);
  const rootPath = findRootPath(pod);
  const mountpoint = buildMountpoint(path, rootPath);
  const choice = choosePodLabels(pod, pods);
  return {
    pod,
    ...(choice.isThere ? {} : { newLabels: choice.matchLabels }),
    claim: buildClaim(pod, wanted, mountpoint, choice, flags),
    seenAt: `${rootPath}${mountpoint}`,
  };
}

async function listPods({ kubernetes, namespace, signal }: CliContext): Promise<WorkloadPod[]> {
  const path = namespacedPath('/api/v1', 'pods', { namespace: namespace() });
  return (await listObjects<WorkloadPod>(kubernetes(), path, {}, signal)).items;
}

function explainNoPod(namespace: string, name: string, pods: readonly WorkloadPod[]): CliError {
  const near = suggestNames(
    name,
    pods.map(({ metadata }) => metadata.name),
  );
  const hint =
    near.length === 0 ? '' : `: did you mean ${near.map((each) => `"${each}"`).join(' or ')}?`;
  return new CliError(
    `There is no pod "${name}" in namespace ${namespace}${hint}`,
    EXIT_CODES.notFound,
  );
}

async function write(context: CliContext, { pod, newLabels, claim }: MountPlan): Promise<void> {
  if (newLabels !== undefined) {
    // A claim that is refused must leave no label.
    await createClaim(context, claim, true);
    await labelPod(context, pod, newLabels);
    context.tell(
      `Pod ${pod.metadata.name} has no label that will stay its own: it was given ${formatLabels(newLabels)}.`,
    );
  }
  await createClaim(context, claim);
  context.tell(`Claim ${claim.metadata.namespace}/${claim.metadata.name} is written.`);
}

/** The claim, which `kubectl apply -f -` takes, and before it what else would be done. JSON has no place for that. */
function formatPlan({ pod, newLabels, claim }: MountPlan, format: 'json' | 'yaml'): string {
  const text = formatObject(claim, format);
  if (newLabels === undefined || format === 'json') return text;
  const { namespace, name } = pod.metadata;
  return `# kubectl label pod -n ${namespace} ${name} ${formatLabels(newLabels)}\n${text}`;
}

function formatLabels(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(' ');
}
