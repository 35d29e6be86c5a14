// What do a claim's workflow and its activities tell each other? (all of it ends in histories: never a credential)
import type { ClaimPod, DynamicVolumeClaimStatus } from '../api/dynamic-volume-claim.ts';
import type { Condition } from '../api/conditions.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { ClaimRef, DetachRung } from '../api/node-agent.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';

export interface ClaimIdentity {
  namespace: string;
  name: string;
  uid: string;
}

/** A failure as data: a code of the error table and a sentence for a person. */
export interface Failure {
  code: ErrorCode;
  message: string;
}

/** The mount pods that may serve the source of a pod. */
export interface ServingMountPods {
  /** The one that is to be used; absent when there is none. */
  mountPodUid?: string;
  /** Those that were deleted and serve on until they end, sorted. */
  endingMountPodUids: string[];
}

export interface ObserveRequest {
  claim: ClaimIdentity;
  /** Newest generation that a signal told of: a cache that is older is not believed. */
  generation: number;
  /** A signal told of a deletionTimestamp. */
  deleting: boolean;
  /** Pods that may have mounts of the claim: their absence is confirmed by a live GET. */
  tracked: { uid: string; name: string }[];
  /** How often a person asked for a fresh source; a part of the source key. */
  remounts: number;
  /** Newest versions that an earlier look has seen: a cache that is older is not believed. */
  seen: SeenVersions;
}

/** What an earlier look has seen of the objects that a claim depends on. */
export interface SeenVersions {
  /** `metadata.generation` by class name. */
  classes: Record<string, number>;
  /** `metadata.resourceVersion` by `<namespace>/<name>` of the Secret. */
  secrets: Record<string, string>;
}

/**
 * - `ready`: injected, sandbox set up, not finished: storage can be attached
 * - `pending`: injected, not that far yet
 * - `notInjected`: without a volume root
 * - `terminating`: keeps its mounts until the kubelet unpublishes them
 * - `completed`: succeeded or failed; does not count
 */
export type PodState = 'ready' | 'pending' | 'notInjected' | 'terminating' | 'completed';

export interface ObservedPod {
  uid: string;
  name: string;
  node?: string;
  state: PodState;
  className?: string;
  /** Source that the pod shall see; absent when its class cannot be used. */
  sourceKey?: string;
  mountPods?: ServingMountPods;
  /**
   * Why no source can be named. What serves is left alone, but for `MOUNTPOINT_CONFLICT`: an older claim
   * has this mountpoint of the pod, and ours must go.
   */
  failure?: Failure;
  /** Why the pod does not start, in words. */
  startProblem?: string;
}

/** Where in S3, without credentials. Prefix and region are "" when the claim names none. */
export interface S3Place {
  bucket: string;
  endpoint: string;
  prefix: string;
  region: string;
}

export interface GoneClaim {
  gone: true;
}

export interface ObservedClaim {
  gone: false;
  deleting: boolean;
  generation: number;
  /** Relative to the volume root, without a leading slash. */
  mountpoint: string;
  readOnly: boolean;
  provider: 's3';
  s3: S3Place;
  /** The claim had its finalizer already: a former workflow may have mounted something. */
  hadFinalizer: boolean;
  /** The status says that a person detached the claim. */
  wasDetached: boolean;
  seen: SeenVersions;
  /** The selector in words, as `kubectl -l` takes it. */
  selector: string;
  /** The class that the claim itself names. */
  className?: string;
  /** Why the claim can serve no pod at all. */
  failure?: Failure;
  /** Parameters of the classes of the pods, by class name. */
  classes: Record<string, ClassParameters>;
  pods: ObservedPod[];
}

export type Observation = GoneClaim | ObservedClaim;

/** A condition whose time of transition the writer fills in. */
export type ConditionDraft = Omit<Condition, 'lastTransitionTime'>;

/** The status of a claim but for the times. */
export type ClaimStatusDraft = Required<
  Pick<
    DynamicVolumeClaimStatus,
    | 'observedGeneration'
    | 'provider'
    | 'matched'
    | 'attached'
    | 'failed'
    | 'notInjected'
    | 'attachedOfMatched'
  >
> & {
  storageProviderClassName?: string;
  conditions: ConditionDraft[];
  pods: ClaimPod[];
};

export interface AttachNodeTarget {
  podUid: string;
  podName: string;
  className: string;
  sourceKey: string;
  /** The claim's former source in this pod, or "". */
  replacesSourceKey: string;
  /** Sources of stopped attempts that may be there instead, the newest first; absent when there are none. */
  otherSourceKeys?: string[];
}

export interface AttachNodeRequest {
  claim: ClaimRef;
  node: string;
  mountpoint: string;
  readOnly: boolean;
  s3: S3Place;
  classes: Record<string, ClassParameters>;
  targets: AttachNodeTarget[];
  /** Status to write if the attach takes longer than a person waits without a word. */
  interim?: ClaimStatusDraft;
}

export interface AttachResult {
  podUid: string;
  /** Absent when the attach failed. */
  mountPods?: ServingMountPods;
  failure?: Failure;
}

export interface AttachNodeResult {
  results: AttachResult[];
  /** The interim status was written, or may have been by an attempt that was lost. */
  wroteInterim: boolean;
}

export interface DetachNodeTarget {
  podUid: string;
  podName: string;
  mountpoint: string;
  sourceKey: string;
  /** The mount pod that last served the source, if known. */
  mountPodUid?: string;
  /** The grace is over: take it away whoever uses it. */
  force: boolean;
}

export interface DetachNodeRequest {
  claim: ClaimRef;
  node: string;
  targets: DetachNodeTarget[];
  /** Do not wait for uploads of what was written. */
  discardWrites: boolean;
}

export interface DetachResult {
  podUid: string;
  sourceKey: string;
  failure?: Failure;
  /** How it was taken away; absent when it failed or nothing was there. */
  rung?: Exclude<DetachRung, ''>;
}

export interface DetachNodeResult {
  results: DetachResult[];
}

/** An Event to be shown by `kubectl describe`. */
export interface ClaimEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

export interface WriteStatusRequest {
  claim: ClaimIdentity;
  status: ClaimStatusDraft;
  event?: ClaimEvent;
  /** Matching pods that were newly seen to be without a volume root: each gets an Event of its own. */
  notInjected: { uid: string; name: string }[];
  /** Pods in which attaching newly fails, or for another reason: each gets an Event of its own. */
  failed?: FailedPod[];
}

/** A pod that a claim's storage does not come into; `reason` and `message` as its row in the status has them. */
export interface FailedPod {
  uid: string;
  name: string;
  reason: string;
  message: string;
}

export interface ReleaseClaimRequest {
  claim: ClaimIdentity;
  event?: ClaimEvent;
}

/** A mount of the claim that a former workflow has left in a pod. */
export interface LeftMount {
  podUid: string;
  podName: string;
  node: string;
  mountpoint: string;
  sourceKeys: string[];
}

export interface LeftMounts {
  mounts: LeftMount[];
  /** Nodes that exist and whose agent did not answer: something may be left there. */
  unreachableNodes: string[];
}

/** Something on a node that no claim accounts for. */
export interface Orphan {
  /** "" for a mount pod that was never scheduled. */
  node: string;
  /** A mount in a pod, a parked source that nothing shows, or a mount pod that serves nothing. */
  kind: 'mount' | 'source' | 'mountPod';
  sourceKey?: string;
  podUid?: string;
  mountpoint?: string;
  mountPodUid?: string;
  mountPodName?: string;
}

/** What one look of the drift audit has found. */
export interface DriftLook {
  /** Mounts in pods, on all nodes that answered. */
  mounts: number;
  unreachableNodes: string[];
  orphans: Orphan[];
  /** Claims that should be mounted somewhere and are not. */
  missing: ClaimIdentity[];
}

export interface RepairRequest {
  /** Orphans that were seen twice. */
  remove: Orphan[];
  /** Claims whose workflow shall look again. */
  recheck: ClaimIdentity[];
}

/** Activities of the drift audit. */
export interface AuditActivities {
  /** Compares claims, pods and every node's mount table. Changes nothing. */
  observeDrift(): Promise<DriftLook>;
  /** Answers how many orphans were removed. */
  repairDrift(request: RepairRequest): Promise<{ removed: number }>;
  /** Tells people that the audit stopped: an Event on the CSIDriver, and an error in the log. */
  raiseAlarm(message: string): Promise<void>;
}

/** Activities as the claims' workflows call them. */
export interface ClaimActivities {
  /** Reads all that a plan needs, and makes sure that the finalizer is there. Local. */
  observeClaim(request: ObserveRequest): Promise<Observation>;
  /** Asks all nodes what a former workflow of the claim has left mounted. */
  findLeftMounts(claim: ClaimIdentity): Promise<LeftMounts>;
  /** Attaches the claim in pods of one node. Failures are results. */
  attachNode(request: AttachNodeRequest): Promise<AttachNodeResult>;
  /** Takes the claim away from pods of one node. Failures are results. */
  detachNode(request: DetachNodeRequest): Promise<DetachNodeResult>;
  /** Writes the status and its Events. Local. */
  writeStatus(request: WriteStatusRequest): Promise<void>;
  /** Takes the finalizer off: nothing of the claim is mounted any more. Local. */
  releaseClaim(request: ReleaseClaimRequest): Promise<void>;
}
