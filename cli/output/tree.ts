// How does the way from a claim to its pods read as a tree? (pure)
import type {
  EdgeState,
  Topology,
  TopologyMountPod,
  TopologyNode,
  TopologyPod,
} from '../../console/model/topology.ts';
import { PHASE_STYLES } from '../claim-rows.ts';
import { toPlainText } from './plain-text.ts';
import type { Style } from './style.ts';

/** A line of the tree and what hangs on it. */
interface Branch {
  text: string;
  branches: Branch[];
}

/** Which colour the state of a pod has. */
export const POD_STYLES: Record<TopologyPod['state'], keyof Style> = {
  Attached: 'good',
  Pending: 'busy',
  Failed: 'bad',
  NotInjected: 'bad',
  Detaching: 'busy',
};

const EDGE_STYLES: Record<EdgeState, keyof Style> = {
  serving: 'good',
  starting: 'busy',
  failed: 'bad',
  ending: 'busy',
};

/** Claim, nodes, pods, mount pods; without a line end. */
export function formatTree(topology: Topology, style: Style): string {
  const { claim, nodes, morePods } = topology;
  const title = `claim ${style.strong(`${claim.namespace}/${claim.name}`)}  ${style[PHASE_STYLES[claim.phase]](claim.phase)}  ${toPlainText(`${claim.storage} at ${claim.mountpoint}`)}`;
  const branches = nodes.map((node) => buildNode(node, topology, style));
  if (morePods > 0) branches.push(leaf(style.faint(`and ${morePods} more pods`)));
  if (branches.length === 0) branches.push(leaf(style.faint('no pods')));
  return [title, ...formatBranches(branches, '')].join('\n');
}

function buildNode(node: TopologyNode, topology: Topology, style: Style): Branch {
  const served = new Set(topology.edges.map(({ mountPodUid }) => mountPodUid));
  const idle = node.mountPods.filter(({ uid }) => !served.has(uid));
  return {
    text: node.name === '' ? 'on no node yet' : `node ${node.name}`,
    branches: [
      ...node.pods.map((pod) => buildPod(pod, topology, style)),
      ...idle.map((mountPod) => leaf(formatMountPod(mountPod, 'faint', style))),
    ],
  };
}

function buildPod(pod: TopologyPod, { nodes, edges }: Topology, style: Style): Branch {
  const mountPods = nodes.flatMap((node) => node.mountPods);
  const own = edges.filter(({ podUid }) => podUid === pod.uid);
  return {
    text: formatPod(pod, style),
    branches: own.flatMap(({ mountPodUid, state }) => {
      const mountPod = mountPods.find(({ uid }) => uid === mountPodUid);
      return mountPod ? [leaf(formatMountPod(mountPod, EDGE_STYLES[state], style))] : [];
    }),
  };
}

function formatPod({ name, state, reason, message }: TopologyPod, style: Style): string {
  // A reason that repeats the state says nothing.
  const why = reason === undefined || reason === state ? '' : ` (${reason})`;
  const words = message === undefined ? '' : style.faint(`  ${toPlainText(message)}`);
  return `pod ${name}  ${style[POD_STYLES[state]](state)}${why}${words}`;
}

function formatMountPod(
  { name, state, shared }: TopologyMountPod,
  mark: keyof Style,
  style: Style,
): string {
  return `mount pod ${name}${shared ? ' (shared)' : ''}  ${style[mark](toPlainText(state))}`;
}

function leaf(text: string): Branch {
  return { text, branches: [] };
}

function formatBranches(branches: Branch[], indent: string): string[] {
  return branches.flatMap(({ text, branches: below }, index) => {
    const isLast = index === branches.length - 1;
    const lines = formatBranches(below, `${indent}${isLast ? '   ' : '│  '}`);
    return [`${indent}${isLast ? '└─ ' : '├─ '}${text}`, ...lines];
  });
}
