// Can every node mount? (pure)
import { DRIVER_NAME, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import type { Facts, Node, Seen } from '../facts.ts';
import { broken, count, judgeSeen, listNames, ok, warn } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { isBelow } from '../version.ts';

/** `fsopen`, `mount_setattr` and the like; then mounts beneath others (docs/architecture.md). */
const OLDEST_KERNEL = '5.15';
const FULL_KERNEL = '6.5';

const LOOK = `kubectl describe pods -n ${SYSTEM_NAMESPACE} -l app.kubernetes.io/component=csi-node`;

/** An agent that is not ready serves what it has mounted, and takes no orders. */
export function judgeAgents({ agents, agentPods, nodes }: Facts): Verdict {
  return judgeSeen(join(agents, agentPods, nodes), ([daemonSet, pods, all]) => {
    if (daemonSet === undefined) {
      return broken(
        'DaemonSet csi-node is missing: nothing is mounted',
        'Run `helm upgrade --install` with the chart of dynvol',
      );
    }
    const staying = pods.filter((pod) => !pod.terminating);
    const idle = staying.filter((pod) => !pod.ready).map(describeIdle);
    if (idle.length > 0) return broken(`not ready: ${listNames(idle)}`, LOOK);
    const missing = (daemonSet.status?.desiredNumberScheduled ?? 0) - staying.length;
    if (missing > 0) return broken(`${count(missing, 'node')} still without an agent`, LOOK);
    return judgeUnserved(staying, all.filter(isLinux));
  });
}

function describeIdle({ name, nodeName, startProblem }: PodView): string {
  const why = startProblem === undefined ? '' : ` (${startProblem.reason})`;
  return `${name} on ${nodeName ?? 'no node'}${why}`;
}

function judgeUnserved(pods: readonly PodView[], nodes: readonly Node[]): Verdict {
  const served = new Set(pods.map(({ nodeName }) => nodeName));
  const unserved = nodes.filter(({ metadata }) => !served.has(metadata.name));
  if (unserved.length === 0) return ok(`ready on ${count(nodes.length, 'node')}`);
  return warn(
    `none on ${listNames(unserved.map(nameOf))}: a pod with a volume root cannot start there`,
    'If that is not meant, change `csiNode.nodeSelector` or `csiNode.tolerations` of the chart',
  );
}

/** The kubelet has to know the driver, or pods with a volume root wait for ever. */
export function judgeRegistration({ agentPods, csiNodes }: Facts): Verdict {
  return judgeSeen(join(agentPods, csiNodes), ([pods, registered]) => {
    const known = new Set(
      registered
        .filter(({ spec }) => spec.drivers?.some(({ name }) => name === DRIVER_NAME))
        .map(({ metadata }) => metadata.name),
    );
    const nodes = pods.filter((pod) => pod.ready).flatMap(({ nodeName }) => nodeName ?? []);
    const unknown = nodes.filter((name) => !known.has(name));
    if (unknown.length === 0) return ok(`known to ${count(nodes.length, 'kubelet')}`);
    return broken(
      `the kubelet of ${listNames(unknown)} does not know the driver`,
      `Set \`kubeletPath\` of the chart to the kubelet's folder, then delete the csi-node pod of the node`,
    );
  });
}

export function judgeNodes({ nodes }: Facts): Verdict {
  return judgeSeen(nodes, (all) => {
    const idle = all.filter((node) => !isReady(node)).map(nameOf);
    if (idle.length === 0) return ok(`${all.length} of ${all.length} ready`);
    return warn(
      `not ready: ${listNames(idle)}; nothing new is mounted there`,
      `kubectl describe node ${idle[0]}`,
    );
  });
}

export function judgeKernels({ nodes }: Facts): Verdict {
  return judgeSeen(nodes, (all) => {
    const linux = all.filter(isLinux);
    const old = linux.filter((node) => isBelow(readKernel(node), OLDEST_KERNEL));
    if (old.length > 0) {
      return broken(
        `older than ${OLDEST_KERNEL}: ${listNames(old.map(describeKernel))}`,
        'Update these nodes, or keep pods with a volume root off them',
      );
    }
    const partial = linux.filter((node) => isBelow(readKernel(node), FULL_KERNEL));
    if (partial.length === 0) return ok(listVersions(linux));
    return warn(
      `older than ${FULL_KERNEL}: ${listNames(partial.map(describeKernel))}; replacing a mount leaves a short gap there`,
      'Update these nodes, if the gap matters',
    );
  });
}

function listVersions(nodes: readonly Node[]): string {
  return listNames([...new Set(nodes.map(readKernel))]) || 'no nodes';
}

function describeKernel(node: Node): string {
  return `${node.metadata.name} (${readKernel(node)})`;
}

function readKernel({ status }: Node): string {
  return status?.nodeInfo?.kernelVersion ?? '';
}

function isLinux({ metadata }: Node): boolean {
  return (metadata.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux';
}

function isReady({ status }: Node): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  );
}

function nameOf({ metadata }: Node): string {
  return metadata.name;
}

/** All of them, or why the first one that is missing was not seen. */
function join<T extends unknown[]>(...all: { [K in keyof T]: Seen<T[K]> }): Seen<T> {
  const unseen = all.find((seen) => !('value' in seen));
  if (unseen !== undefined) return unseen as Seen<T>;
  return { value: all.map((seen) => (seen as { value: unknown }).value) as T };
}
