// What do a claim's workflow and its activities tell each other? (all of it ends in histories: never a credential)
import type { ClaimPod, DynamicVolumeClaimStatus } from '../api/dynamic-volume-claim.ts';
import type { Condition } from '../api/conditions.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { ClaimRef } from '../api/node-agent.ts';
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
  /** The workflow has no state: a former one may have left mounts behind. */
  stateless: boolean;
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
  /** Sources that a former workflow may have left in the pod; only after a `stateless` request. */
  leftSourceKeys?: string[];
  /** Why no source can be named. */
  failure?: Failure;
  /** Why the pod does not start, in words. */
  startProblem?: string;
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
  s3: { bucket: string; endpoint: string };
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
}

export interface AttachNodeRequest {
  claim: ClaimRef;
  node: string;
  mountpoint: string;
  readOnly: boolean;
  s3: { bucket: string; endpoint: string };
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
  /** The interim status was written. */
  wroteInterim: boolean;
}

export interface DetachNodeTarget {
  podUid: string;
  podName: string;
  mountpoint: string;
  sourceKey: string;
  /** The mount pod that last served the source, if known. */
  mountPodUid?: string;
}

export interface DetachNodeRequest {
  claim: ClaimRef;
  node: string;
  targets: DetachNodeTarget[];
}

export interface DetachResult {
  podUid: string;
  sourceKey: string;
  failure?: Failure;
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
}

export interface ReleaseClaimRequest {
  claim: ClaimIdentity;
  event?: ClaimEvent;
}

/** Activities as the workflow calls them. */
export interface ClaimActivities {
  /** Reads all that a plan needs, and makes sure that the finalizer is there. Local. */
  observeClaim(request: ObserveRequest): Promise<Observation>;
  /** Attaches the claim in pods of one node. Failures are results. */
  attachNode(request: AttachNodeRequest): Promise<AttachNodeResult>;
  /** Takes the claim away from pods of one node. Failures are results. */
  detachNode(request: DetachNodeRequest): Promise<DetachNodeResult>;
  /** Writes the status and its Events. Local. */
  writeStatus(request: WriteStatusRequest): Promise<void>;
  /** Takes the finalizer off: nothing of the claim is mounted any more. Local. */
  releaseClaim(request: ReleaseClaimRequest): Promise<void>;
}
