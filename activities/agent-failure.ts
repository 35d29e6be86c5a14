// What does a node agent's refusal mean to a person?
import { isErrorCode } from '../api/errors.ts';
import type { ProcessRef, TargetResult } from '../api/node-agent.ts';
import type { Failure } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type Deps = Pick<Dependencies, 'view' | 'kubernetes'>;

/** The place that the agent answered for. */
export interface FailedPlace {
  node: string;
  namespace: string;
  podName: string;
  mountpoint: string;
}

/** Characters of a container id that tell it apart, as container tools print it. */
const SHORT_ID_LENGTH = 12;

/**
 * The failure in an agent's answer, or undefined for a success. An unknown code means `INTERNAL`. The agent
 * knows containers by their ids only; their names are asked of the API server when there is a failure to tell.
 */
export async function explainResult(
  deps: Deps,
  place: FailedPlace,
  result: TargetResult | undefined,
): Promise<Failure | undefined> {
  if (!result) {
    return { code: 'INTERNAL', message: `The node agent of ${place.node} left out the pod` };
  }
  const { code, message } = result;
  if (code === '') return undefined;
  if (!isErrorCode(code)) return { code: 'INTERNAL', message: `${code}: ${message}` };
  return { code, message: (await describe(deps, place, result)) ?? message };
}

async function describe(
  deps: Deps,
  place: FailedPlace,
  { code, processes, pendingUploads }: TargetResult,
): Promise<string | undefined> {
  if (code === 'FLUSHING') return describeFlushing(place, pendingUploads);
  const [first] = processes;
  if (!first) return undefined;
  const pod = deps.view.podByUid(first.podUid) ?? {
    namespace: place.namespace,
    name: place.podName,
  };
  const names = await findContainerNames(deps, pod);
  if (code === 'IN_USE') return describeUse(place, pod, processes, names);
  if (code === 'PROPAGATION_MISSING') return describePropagation(place, processes, names);
  return undefined;
}

/** Without names a failure is still worth telling. */
async function findContainerNames(
  { kubernetes }: Deps,
  { namespace, name }: { namespace: string; name: string },
): Promise<Record<string, string>> {
  try {
    return await kubernetes.getContainerNames(namespace, name);
  } catch {
    return {};
  }
}

function describeFlushing(place: FailedPlace, pendingUploads: number): string | undefined {
  if (pendingUploads === 0) return undefined;
  const what =
    pendingUploads === 1
      ? '1 file that was written is not in the bucket yet; its'
      : `${pendingUploads} files that were written are not in the bucket yet; their`;
  return `${formatPlace(place)}: ${what} upload is waited for`;
}

function describeUse(
  place: FailedPlace,
  pod: { namespace: string; name: string },
  processes: ProcessRef[],
  names: Record<string, string>,
): string {
  const [first, ...others] = processes;
  if (!first) return '';
  const { podUid, pid, command, path, containerId } = first;
  const isOwn = pod.namespace === place.namespace && pod.name === place.podName;
  const where = isOwn ? '' : ` in pod ${pod.namespace}/${pod.name}`;
  const owner =
    podUid === ''
      ? `on node ${place.node}`
      : `of container ${formatContainer(containerId, names)}${where}`;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return `${formatPlace(place)} is in use: process ${pid} (${command}) ${owner} holds ${path}${more}`;
}

function describePropagation(
  place: FailedPlace,
  processes: ProcessRef[],
  names: Record<string, string>,
): string {
  const containers = processes.map(({ containerId }) => formatContainer(containerId, names));
  const plural = containers.length === 1 ? 'container' : 'containers';
  return `Pod ${place.namespace}/${place.podName}: the storage does not appear in the ${plural} ${containers.join(', ')}; give the volumeMount of the volume root there mountPropagation: HostToContainer, and start the pod anew`;
}

/** Whoever shows it adds the pod. */
function formatPlace({ mountpoint }: FailedPlace): string {
  return `Mountpoint /${mountpoint}`;
}

function formatContainer(id: string, names: Record<string, string>): string {
  return names[id] ?? id.slice(0, SHORT_ID_LENGTH);
}
