// Where does a claim's storage go: to which pods on which nodes, through which mount pods? (pure)
import type { ClaimPod } from '../../api/dynamic-volume-claim.ts';
import type { ClaimDetail, ClaimPhase, MountPodView } from './views.ts';

/**
 * How the way from a mount pod to a pod is:
 * - `serving`: the pod has the storage, and the mount pod runs
 * - `starting`: pod or mount pod is not that far yet, and nothing is wrong
 * - `failed`: attaching failed, or the mount pod of a pod that has the storage does not run
 * - `ending`: being taken away, or replaced by another mount pod
 */
export type EdgeState = 'serving' | 'starting' | 'failed' | 'ending';

/** A pod, as the claim's status tells of it. */
export type TopologyPod = Pick<ClaimPod, 'name' | 'uid' | 'state' | 'reason' | 'message'>;

export type TopologyMountPod = Pick<MountPodView, 'name' | 'uid' | 'state' | 'shared'>;

export interface TopologyNode {
  /** "" for what is on no node yet. */
  name: string;
  pods: TopologyPod[];
  mountPods: TopologyMountPod[];
}

/** A mount pod that is there for a pod. */
export interface TopologyEdge {
  podUid: string;
  mountPodUid: string;
  state: EdgeState;
}

export interface Topology {
  claim: {
    namespace: string;
    name: string;
    phase: ClaimPhase;
    storage: string;
    mountpoint: string;
  };
  /** By name; what is on no node comes last. */
  nodes: TopologyNode[];
  /** By pod, then mount pod, in the order of the nodes. */
  edges: TopologyEdge[];
  /** Matching pods that are not named. */
  morePods: number;
}

/** Builds the tree of a claim; equal details make equal trees. */
export function buildTopology(detail: ClaimDetail): Topology {
  const { namespace, name, phase, storage, mountpoint, morePods } = detail;
  const nodes = buildNodes(detail);
  return {
    claim: { namespace, name, phase, storage, mountpoint },
    nodes,
    edges: nodes.flatMap(({ pods }) => pods.flatMap((pod) => buildEdges(pod, detail.mountPods))),
    morePods,
  };
}

function buildNodes({ pods, mountPods }: ClaimDetail): TopologyNode[] {
  const names = new Set([
    ...pods.map(({ node = '' }) => node),
    ...mountPods.map(({ node }) => node),
  ]);
  return [...names].sort(compareNodes).map((name) => ({
    name,
    pods: pods
      .filter(({ node = '' }) => node === name)
      .map(projectPod)
      .sort(compareNames),
    mountPods: mountPods
      .filter(({ node }) => node === name)
      .map(projectMountPod)
      .sort(compareNames),
  }));
}

function projectPod({ name, uid, state, reason, message }: ClaimPod): TopologyPod {
  return { name, uid, state, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

function projectMountPod({ name, uid, state, shared }: MountPodView): TopologyMountPod {
  return { name, uid, state, shared };
}

function buildEdges(pod: TopologyPod, mountPods: MountPodView[]): TopologyEdge[] {
  return mountPods
    .filter(({ pods }) => pods.includes(pod.name))
    .sort(compareNames)
    .map(({ uid, state }) => ({
      podUid: pod.uid,
      mountPodUid: uid,
      state: findEdgeState(pod, state),
    }));
}

/** Of a pod that has the storage, by the state of the mount pod. */
const ATTACHED_STATES: Record<string, EdgeState> = { Running: 'serving', Pending: 'starting' };

function findEdgeState({ state }: TopologyPod, mountPodState: string): EdgeState {
  if (mountPodState === 'Ending') return 'ending';
  switch (state) {
    case 'Attached':
      return ATTACHED_STATES[mountPodState] ?? 'failed';
    case 'Failed':
    case 'NotInjected':
      return 'failed';
    case 'Detaching':
      return 'ending';
    case 'Pending':
      return 'starting';
  }
}

function compareNames(one: { name: string }, other: { name: string }): number {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

function compareNodes(one: string, other: string): number {
  if ((one === '') !== (other === '')) return one === '' ? 1 : -1;
  return compareNames({ name: one }, { name: other });
}
