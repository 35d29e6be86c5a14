// What is to be attached and detached now? (pure; the heart of the project)
import type { ClaimRef } from '../api/node-agent.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type {
  AttachNodeRequest,
  AttachNodeTarget,
  ClaimIdentity,
  DetachNodeRequest,
  DetachNodeTarget,
  Failure,
  ObservedClaim,
  ObservedPod,
  ServingMountPods,
} from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import { isReplaced, mayForce } from './grace.ts';
import { isLeaving } from './leaving.ts';
import type { MountRecord } from './state.ts';

/** Requests to the nodes, at most one of each kind for a node. */
export interface Plan {
  attach: AttachNodeRequest[];
  detach: DetachNodeRequest[];
}

/** How a pod fared in the present round, by pod UID; what is in here is not tried again. */
export type Outcomes = Record<string, Failure | 'attached'>;

interface CleanUpInput {
  claim: ClaimIdentity;
  observed: { generation: number };
  mounts: Record<string, MountRecord>;
  outcomes: Outcomes;
  steering: Steering;
  /** Milliseconds since 1970. */
  nowMs: number;
}

export interface PlanInput extends CleanUpInput {
  observed: ObservedClaim;
}

/**
 * Plans the way from what may be mounted to what shall be.
 *
 * A pod that is terminating keeps what it has until the kubelet takes the volume root away. A source
 * that was replaced is detached only after its successor serves. Nothing is attached for a claim that is
 * being deleted.
 */
export function planClaim(input: PlanInput): Plan {
  if (input.observed.deleting) return planCleanUp(input);
  return {
    attach: input.steering.detachedSinceMs === undefined ? planAttach(input) : [],
    detach: planDetach(input, (uid, record) => listSuperfluousKeys(input, uid, record)),
  };
}

/** Plans taking everything away that may be mounted; also for a claim whose object is gone. */
export function planCleanUp(input: CleanUpInput): Plan {
  return { attach: [], detach: planDetach(input, (_uid, record) => record.sourceKeys) };
}

function planAttach(input: PlanInput): AttachNodeRequest[] {
  const { observed } = input;
  const wanting = observed.pods
    .filter(isAttachable)
    .filter((pod) => input.outcomes[pod.uid] === undefined && !isServed(input, pod));
  return groupByNode(wanting, (pod) => pod.node).map(([node, pods]) => ({
    claim: buildClaimRef(input.claim, observed.generation),
    node,
    mountpoint: observed.mountpoint,
    readOnly: observed.readOnly,
    s3: observed.s3,
    classes: pickClasses(observed.classes, pods),
    targets: pods.map((pod) => buildAttachTarget(pod, input.mounts[pod.uid])),
  }));
}

type AttachablePod = ObservedPod & { node: string; sourceKey: string; className: string };

function isAttachable(pod: ObservedPod): pod is AttachablePod {
  return (
    pod.state === 'ready' &&
    pod.failure === undefined &&
    pod.node !== undefined &&
    pod.sourceKey !== undefined &&
    pod.className !== undefined
  );
}

/** Does the pod see the wanted source, with the wanted flags, and are its mount pods the same as then? */
function isServed(input: PlanInput, pod: AttachablePod): boolean {
  const served = input.mounts[pod.uid]?.served;
  return (
    served !== undefined &&
    !served.isDoubtful &&
    served.sourceKey === pod.sourceKey &&
    served.readOnly === input.observed.readOnly &&
    hasSameMountPods(served.mountPods, pod.mountPods)
  );
}

function hasSameMountPods(then: ServingMountPods, now: ServingMountPods | undefined): boolean {
  return (
    then.mountPodUid === now?.mountPodUid &&
    then.endingMountPodUids.join() === now?.endingMountPodUids.join()
  );
}

function buildAttachTarget(pod: AttachablePod, record: MountRecord | undefined): AttachNodeTarget {
  const [former = '', ...others] = record ? listFormerKeys(pod, record) : [];
  return {
    podUid: pod.uid,
    podName: pod.name,
    className: pod.className,
    sourceKey: pod.sourceKey,
    replacesSourceKey: former,
    ...(others.length > 0 ? { otherSourceKeys: others } : {}),
  };
}

/**
 * Other sources that the pod may see now, the likeliest first: an attempt that was stopped may have swapped its
 * own in. "" when most likely nothing has to be replaced.
 */
function listFormerKeys(pod: AttachablePod, { served, sourceKeys }: MountRecord): string[] {
  const isAtHome = served?.sourceKey === pod.sourceKey;
  if (isAtHome && !served.isDoubtful) return [];
  const others = sourceKeys.toReversed().filter((key) => key !== pod.sourceKey);
  if (isAtHome) return ['', ...others];
  return [...new Set([...(served ? [served.sourceKey] : []), ...others])];
}

function pickClasses(
  classes: Record<string, ClassParameters>,
  pods: AttachablePod[],
): Record<string, ClassParameters> {
  const names = new Set(pods.map((pod) => pod.className));
  return Object.fromEntries(Object.entries(classes).filter(([name]) => names.has(name)));
}

/** The sources of a record that the claim's present spec does not want in this pod. */
function listSuperfluousKeys(input: PlanInput, uid: string, record: MountRecord): string[] {
  if (isLeaving(input, uid)) return record.sourceKeys;
  const pod = input.observed.pods.find((one) => one.uid === uid);
  if (pod?.state !== 'ready' || record.served?.sourceKey !== pod.sourceKey) return [];
  if (record.served?.isDoubtful) return [];
  return record.sourceKeys.filter((key) => isReplaced(record, key));
}

function planDetach(
  input: CleanUpInput,
  listKeys: (uid: string, record: MountRecord) => string[],
): DetachNodeRequest[] {
  const targets = Object.entries(input.mounts)
    .filter(([uid]) => typeof input.outcomes[uid] !== 'object')
    .flatMap(([uid, record]) =>
      listKeys(uid, record).map((key) => ({
        node: record.node,
        target: buildDetachTarget(input, { uid, record, sourceKey: key }),
      })),
    );
  return groupByNode(targets, (one) => one.node).map(([node, ofNode]) => ({
    claim: buildClaimRef(input.claim, input.observed.generation),
    node,
    targets: ofNode.map((one) => one.target),
    discardWrites: input.steering.grace?.force ?? false,
  }));
}

function buildDetachTarget(
  { steering, nowMs }: CleanUpInput,
  { uid, record, sourceKey }: { uid: string; record: MountRecord; sourceKey: string },
): DetachNodeTarget {
  const { podName, mountpoint, served } = record;
  return {
    podUid: uid,
    podName,
    mountpoint,
    sourceKey,
    ...(served?.sourceKey === sourceKey && served.mountPods.mountPodUid !== undefined
      ? { mountPodUid: served.mountPods.mountPodUid }
      : {}),
    force: mayForce(record, sourceKey, steering, nowMs),
  };
}

function buildClaimRef(claim: ClaimIdentity, generation: number): ClaimRef {
  return { uid: claim.uid, namespace: claim.namespace, name: claim.name, generation };
}

/** Sorted by node, so that a replay schedules in the same order. */
function groupByNode<T>(items: T[], nodeOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const node = nodeOf(item);
    groups.set(node, [...(groups.get(node) ?? []), item]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
