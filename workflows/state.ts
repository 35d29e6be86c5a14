// What does a claim's workflow remember? (plain JSON: it is the input of the next run after continue-as-new)
import type {
  AttachNodeRequest,
  AttachResult,
  ClaimStatusDraft,
  DetachResult,
  ObservedPod,
  ServingMountPods,
} from '../activities/contract.ts';

/** What is known to serve at the mountpoint of a pod. */
export interface Served {
  sourceKey: string;
  readOnly: boolean;
  /**
   * The mount pods that there were. One that was deleted may serve on until it ends, which nobody sees:
   * whenever one comes or goes, the agent is asked again.
   */
  mountPods: ServingMountPods;
}

/** Everything of the claim that may be mounted for one pod. */
export interface MountRecord {
  podName: string;
  node: string;
  mountpoint: string;
  /** Every source that may be mounted or staged for the pod, the newest last. Never empty. */
  sourceKeys: string[];
  served?: Served;
}

export interface ClaimState {
  /** By pod UID. A record is made before its attach is tried and dropped after its detach succeeded. */
  mounts: Record<string, MountRecord>;
  /** Status as it stands in the object; absent when it is not known. */
  written?: ClaimStatusDraft;
  /** Reason of Ready that was last written after a round; the next other one is worth an Event. */
  toldReason: string;
  /** UIDs of pods whose owner was told that they have no volume root. */
  toldNotInjected: string[];
  /** Rounds in a row that failed; steers the back-off. */
  failedRounds: number;
  /** Generation of the last look, or newer if a signal told of it. */
  generation: number;
}

/** The state of a workflow that has not looked yet. */
export function buildFreshState(): ClaimState {
  return { mounts: {}, toldReason: '', toldNotInjected: [], failedRounds: 0, generation: 0 };
}

/**
 * Takes in what a look has shown: mounts that a former workflow may have left, and pods whose
 * sandbox is set up anew (after a reboot), in which nothing is mounted any more.
 */
export function noteObservedPods(state: ClaimState, mountpoint: string, pods: ObservedPod[]): void {
  for (const pod of pods) {
    const record = state.mounts[pod.uid];
    if (pod.state === 'pending' && record) delete record.served;
    if (record || pod.node === undefined || !pod.leftSourceKeys?.length) continue;
    state.mounts[pod.uid] = {
      podName: pod.name,
      node: pod.node,
      mountpoint,
      sourceKeys: [...pod.leftSourceKeys],
    };
  }
  const seen = new Set(pods.map((pod) => pod.uid));
  state.toldNotInjected = state.toldNotInjected.filter((uid) => seen.has(uid));
}

/** Remembers what is about to be attached: a cancelled or lost attempt may have mounted it. */
export function noteAttachAttempt(state: ClaimState, request: AttachNodeRequest): void {
  for (const target of request.targets) {
    const known = state.mounts[target.podUid];
    const others = known?.sourceKeys.filter((key) => key !== target.sourceKey) ?? [];
    state.mounts[target.podUid] = {
      podName: target.podName,
      node: request.node,
      mountpoint: request.mountpoint,
      sourceKeys: [...others, target.sourceKey],
      ...(known?.served ? { served: known.served } : {}),
    };
  }
}

/** Takes in how an attach ended. What served before still serves when its replacement failed. */
export function noteAttached(
  state: ClaimState,
  request: AttachNodeRequest,
  result: AttachResult,
): void {
  const record = state.mounts[result.podUid];
  const target = request.targets.find((one) => one.podUid === result.podUid);
  if (!record || !target) return;
  if (result.mountPods) {
    const { sourceKey } = target;
    record.served = { sourceKey, readOnly: request.readOnly, mountPods: result.mountPods };
  } else if (record.served?.sourceKey === target.sourceKey) {
    delete record.served;
  }
}

/** Forgets what was detached. */
export function noteDetached(state: ClaimState, result: DetachResult): void {
  const record = state.mounts[result.podUid];
  if (!record || result.failure) return;
  record.sourceKeys = record.sourceKeys.filter((key) => key !== result.sourceKey);
  if (record.served?.sourceKey === result.sourceKey) delete record.served;
  if (record.sourceKeys.length === 0) delete state.mounts[result.podUid];
}
