// Which claims must look again after a change in the cluster?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { ClaimIndex, ClusterChange } from './caches.ts';
import type { PodView } from './cluster-view.ts';
import { matchesSelector } from './selector.ts';

/** The claims that a change concerns; none when nothing has changed that a claim's workflow would act on. */
export function findAffectedClaims(change: ClusterChange, index: ClaimIndex): DynamicVolumeClaim[] {
  switch (change.kind) {
    case 'claim':
      return findByClaim(change.before, change.after);
    case 'class':
      return findByClass(change.before, change.after, index);
    case 'pod':
      return findByPod(change.before, change.after, index);
  }
}

/** Writes of the workflow itself (status, finalizer) leave the generation as it is and call for no look. */
function findByClaim(
  before: DynamicVolumeClaim | undefined,
  after: DynamicVolumeClaim | undefined,
): DynamicVolumeClaim[] {
  if (after === undefined) return findVanished(before);
  const changed =
    before === undefined ||
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;
  return changed ? [after] : [];
}

/**
 * A claim that vanishes after its deletion was seen leaves no work: our finalizer goes last. One that vanishes without
 * had no finalizer (yet, or someone removed it), and its workflow must learn of it.
 */
function findVanished(before: DynamicVolumeClaim | undefined): DynamicVolumeClaim[] {
  return before !== undefined && before.metadata.deletionTimestamp === undefined ? [before] : [];
}

function findByClass(
  before: StorageProviderClass | undefined,
  after: StorageProviderClass | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const name = (after ?? before)?.metadata.name;
  const same =
    before?.metadata.uid === after?.metadata.uid &&
    before?.metadata.generation === after?.metadata.generation;
  if (name === undefined || same) return [];
  return index.claims().filter((claim) => usesClass(claim, name, index));
}

function usesClass(claim: DynamicVolumeClaim, className: string, index: ClaimIndex): boolean {
  const { storageProviderClassName, selector } = claim.spec;
  if (storageProviderClassName !== undefined) return storageProviderClassName === className;
  return index
    .podsIn(claim.metadata.namespace)
    .some(
      (pod) => pod.volumeRoot?.className === className && matchesSelector(selector, pod.labels),
    );
}

function findByPod(
  before: PodView | undefined,
  after: PodView | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const pod = after ?? before;
  if (pod === undefined) return [];
  return pod.namespace === MOUNT_NAMESPACE
    ? findByMountPod(pod, before, after, index)
    : findByWorkloadPod(pod.namespace, before, after, index);
}

function findByWorkloadPod(
  namespace: string,
  before: PodView | undefined,
  after: PodView | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const moved = hasMoved(before, after);
  return index.claimsIn(namespace).filter((claim) => {
    const matched = before !== undefined && matchesSelector(claim.spec.selector, before.labels);
    const matches = after !== undefined && matchesSelector(claim.spec.selector, after.labels);
    return matched !== matches || (matches && moved);
  });
}

/** What decides whether a claim is served in a pod. A pod cannot be attached to before its sandbox is ready, so where it was scheduled is no news. */
function hasMoved(before: PodView | undefined, after: PodView | undefined): boolean {
  return (
    before?.uid !== after?.uid ||
    before?.sandboxReady !== after?.sandboxReady ||
    before?.terminating !== after?.terminating ||
    isCompleted(before) !== isCompleted(after) ||
    (after?.sandboxReady === false && before?.startProblem?.reason !== after.startProblem?.reason)
  );
}

function isCompleted(pod: PodView | undefined): boolean {
  return pod?.phase === 'Succeeded' || pod?.phase === 'Failed';
}

/**
 * The loss of a mount pod concerns the claims of its workload pod. Its start does not: the activity that made it waits for
 * it. Claims under deletion release their mount pods themselves.
 */
function findByMountPod(
  mountPod: PodView,
  before: PodView | undefined,
  after: PodView | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const lost = !isUsable(after) && (isUsable(before) || after === undefined);
  const workloadUid = mountPod.labels[MOUNT_POD_LABELS.workloadPodUid];
  const workload = workloadUid === undefined ? undefined : index.podByUid(workloadUid);
  if (!lost || workload === undefined) return [];
  return index
    .claimsIn(workload.namespace)
    .filter(
      (claim) =>
        claim.metadata.deletionTimestamp === undefined &&
        matchesSelector(claim.spec.selector, workload.labels),
    );
}

function isUsable(pod: PodView | undefined): boolean {
  return pod !== undefined && !pod.terminating && !isCompleted(pod);
}
