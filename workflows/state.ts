// What does a claim's workflow remember? (plain JSON: it is the input of the next run after continue-as-new)
import type {
  AttachNodeRequest,
  AttachResult,
  ClaimStatusDraft,
  DetachNodeRequest,
  DetachResult,
  LeftMount,
  ObservedClaim,
  SeenVersions,
  ServingMountPods,
} from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import { isReplaced } from './grace.ts';
import { isLeaving } from './leaving.ts';
import type { SearchValues } from './search-values.ts';
import { mergeSeen } from './seen.ts';

/** What is known to serve at the mountpoint of a pod. */
export interface Served {
  sourceKey: string;
  readOnly: boolean;
  /**
   * The mount pods that there were. One that was deleted may serve on until it ends, which nobody sees:
   * whenever one comes or goes, the agent is asked again.
   */
  mountPods: ServingMountPods;
  /** Somebody has reason to think that it does not serve: the agent is asked again. */
  isDoubtful?: true;
}

/** Everything of the claim that may be mounted for one pod. */
export interface MountRecord {
  podName: string;
  node: string;
  mountpoint: string;
  /** Every source that may be mounted or staged for the pod, the newest last. Never empty. */
  sourceKeys: string[];
  served?: Served;
  /** When detaching was first refused because somebody uses it, in milliseconds since 1970. */
  inUseSinceMs?: number;
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
  /** Newest versions that any look has seen. */
  seen: SeenVersions;
  steering: Steering;
  /** Nodes on which a former workflow may have left mounts; absent until the first look has told. */
  unsearchedNodes?: string[];
  /** Search attributes as they were last set. */
  search?: SearchValues;
}

/** The state of a workflow that has not looked yet. */
export function buildFreshState(): ClaimState {
  return {
    mounts: {},
    toldReason: '',
    toldNotInjected: [],
    failedRounds: 0,
    generation: 0,
    seen: { classes: {}, secrets: {} },
    steering: { remounts: 0 },
  };
}

/**
 * Takes in what a look has shown: versions, pods whose sandbox is set up anew (after a reboot), in which
 * nothing is mounted any more, and pods that are wanted again while they were to be left.
 */
export function noteObserved(state: ClaimState, observed: ObservedClaim): void {
  if (state.generation !== observed.generation) state.failedRounds = 0;
  state.generation = observed.generation;
  state.seen = mergeSeen(state.seen, observed.seen);
  for (const pod of observed.pods) {
    if (pod.state === 'pending') delete state.mounts[pod.uid]?.served;
  }
  for (const [uid, record] of Object.entries(state.mounts)) {
    if (!isLeaving({ observed, steering: state.steering }, uid)) delete record.inUseSinceMs;
  }
  const seen = new Set(observed.pods.map((pod) => pod.uid));
  state.toldNotInjected = state.toldNotInjected.filter((uid) => seen.has(uid));
}

/**
 * Takes over what a former workflow has left in pods of which nothing better is known. Half-way through a
 * swap a pod has two such mounts.
 */
export function noteLeftMounts(state: ClaimState, mounts: LeftMount[]): void {
  for (const { podUid, podName, node, mountpoint, sourceKeys } of mounts) {
    const known = state.mounts[podUid];
    if (known?.served || sourceKeys.length === 0) continue;
    const others = known?.sourceKeys.filter((key) => !sourceKeys.includes(key)) ?? [];
    state.mounts[podUid] = {
      ...(known ?? { podName, node, mountpoint }),
      sourceKeys: [...sourceKeys, ...others],
    };
  }
}

/** What is thought to serve may not: every pod is attached again. */
export function noteDoubt(state: ClaimState): void {
  for (const { served } of Object.values(state.mounts)) if (served) served.isDoubtful = true;
}

/**
 * Remembers what is about to be attached: a cancelled or lost attempt may have mounted it, in place of what
 * serves now or with other flags.
 */
export function noteAttachAttempt(state: ClaimState, request: AttachNodeRequest): void {
  for (const target of request.targets) {
    const known = state.mounts[target.podUid];
    const others = known?.sourceKeys.filter((key) => key !== target.sourceKey) ?? [];
    const served = known?.served;
    if (served) served.isDoubtful = true;
    state.mounts[target.podUid] = {
      podName: target.podName,
      node: request.node,
      mountpoint: request.mountpoint,
      sourceKeys: [...others, target.sourceKey],
      ...(served ? { served } : {}),
    };
  }
}

/** Remembers what is about to be detached: whatever comes of it, the pod may not see it any more. */
export function noteDetachAttempt(state: ClaimState, request: DetachNodeRequest): void {
  for (const { podUid, sourceKey } of request.targets) {
    const served = state.mounts[podUid]?.served;
    if (served?.sourceKey === sourceKey) served.isDoubtful = true;
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

/**
 * Forgets what was detached, and remembers since when somebody uses what could not be.
 *
 * @param nowMs milliseconds since 1970
 */
export function noteDetached(state: ClaimState, result: DetachResult, nowMs: number): void {
  const record = state.mounts[result.podUid];
  if (!record) return;
  if (result.failure) {
    const isInUse = result.failure.code === 'IN_USE' && !isReplaced(record, result.sourceKey);
    if (isInUse) record.inUseSinceMs ??= nowMs;
    return;
  }
  record.sourceKeys = record.sourceKeys.filter((key) => key !== result.sourceKey);
  if (record.served?.sourceKey === result.sourceKey) delete record.served;
  if (record.sourceKeys.length === 0) delete state.mounts[result.podUid];
}
