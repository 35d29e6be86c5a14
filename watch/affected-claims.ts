// Which claims must look again after a change in the cluster?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { ClaimIndex, ClusterChange } from './caches.ts';
import { matchesPod, overlaps } from './claim-match.ts';
import type { PodView } from './cluster-view.ts';
import { isCompleted, isStaying } from './pod-state.ts';
import { readSecretRef } from './secret-watches.ts';
import type { SecretRef } from './secret-watches.ts';

/** The claims that a change concerns; none when nothing has changed that a claim's workflow would act on. */
export function findAffectedClaims(change: ClusterChange, index: ClaimIndex): DynamicVolumeClaim[] {
  switch (change.kind) {
    case 'claim':
      return findByClaim(change.before, change.after, index);
    case 'class':
      return findByClass(change.before, change.after, index);
    case 'secret':
      return findBySecret(change.secret, index);
    case 'pod':
      return findByPod(change.before, change.after, index);
  }
}

/** Writes of the workflow itself (status, finalizer) leave the generation as it is and call for no look. */
function findByClaim(
  before: DynamicVolumeClaim | undefined,
  after: DynamicVolumeClaim | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  if (after === undefined) return [...listVanished(before), ...findRivals([before], index)];
  const isEdited = before?.metadata.generation !== after.metadata.generation;
  const isDeleted = before?.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;
  if (!isEdited && !isDeleted) return [];
  return [after, ...(isEdited ? findRivals([before, after], index) : [])];
}

/**
 * A claim that vanishes after its deletion was seen leaves no work: our finalizer goes last. One that vanishes without
 * had no finalizer (yet, or someone removed it), and its workflow must learn of it.
 */
function listVanished(before: DynamicVolumeClaim | undefined): DynamicVolumeClaim[] {
  return before !== undefined && before.metadata.deletionTimestamp === undefined ? [before] : [];
}

/** Claims that want a mountpoint of the same pods: theirs may be taken, or be free now. */
function findRivals(
  versions: (DynamicVolumeClaim | undefined)[],
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const known = versions.filter((version) => version !== undefined);
  const [claim] = known;
  if (claim === undefined) return [];
  const { namespace, uid } = claim.metadata;
  const overlapping = index
    .claimsIn(namespace)
    .filter((other) => other.metadata.uid !== uid && overlaps(other, claim));
  if (overlapping.length === 0) return [];
  const pods = index
    .podsIn(namespace)
    .filter((pod) => known.some((version) => matchesPod(version, pod)));
  return overlapping.filter((other) => pods.some((pod) => matchesPod(other, pod)));
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
  return name === undefined || same ? [] : findClaimsOfClasses([name], index);
}

function findBySecret(secret: SecretRef, index: ClaimIndex): DynamicVolumeClaim[] {
  const naming = index.storageProviderClasses().filter((cls) => {
    const ref = readSecretRef(cls);
    return ref?.namespace === secret.namespace && ref.name === secret.name;
  });
  return findClaimsOfClasses(
    naming.map((cls) => cls.metadata.name),
    index,
  );
}

/** Claims that use one of these classes: by name, or because a pod of theirs was injected with it. */
export function findClaimsOfClasses(
  classNames: readonly string[],
  index: Pick<ClaimIndex, 'claims' | 'podsIn'>,
): DynamicVolumeClaim[] {
  const podsOfClasses = new Map<string, PodView[]>();
  const listPods = (namespace: string): PodView[] => {
    const pods =
      podsOfClasses.get(namespace) ??
      index
        .podsIn(namespace)
        .filter((pod) => pod.volumeRoot && classNames.includes(pod.volumeRoot.className));
    podsOfClasses.set(namespace, pods);
    return pods;
  };
  return index.claims().filter((claim) => {
    const named = claim.spec.storageProviderClassName;
    if (named !== undefined) return classNames.includes(named);
    return listPods(claim.metadata.namespace).some((pod) => matchesPod(claim, pod));
  });
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

/** Also those that another claim, which no longer matches the pod or now does, had kept or will keep away. */
function findByWorkloadPod(
  namespace: string,
  before: PodView | undefined,
  after: PodView | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const moved = hasMoved(before, after);
  const claims = index
    .claimsIn(namespace)
    .filter((claim) => matchesPod(claim, before) || matchesPod(claim, after));
  const switched = claims.filter((claim) => matchesPod(claim, before) !== matchesPod(claim, after));
  return claims.filter(
    (claim) =>
      switched.includes(claim) || moved || switched.some((other) => overlaps(other, claim)),
  );
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

/**
 * The loss of a mount pod concerns the claims of the pods that it served. Its start does not: the activity that made it
 * waits for it. Claims under deletion release their mount pods themselves.
 */
function findByMountPod(
  mountPod: PodView,
  before: PodView | undefined,
  after: PodView | undefined,
  index: ClaimIndex,
): DynamicVolumeClaim[] {
  const lost = !isStaying(after) && (isStaying(before) || after === undefined);
  const served = lost ? listServedPods(mountPod, index) : [];
  const namespace = served[0]?.namespace;
  if (namespace === undefined) return [];
  return index
    .claimsIn(namespace)
    .filter(
      (claim) =>
        claim.metadata.deletionTimestamp === undefined &&
        served.some((pod) => matchesPod(claim, pod)),
    );
}

/** The one that the label names, or for a shared mount pod all that share on its node. */
function listServedPods(mountPod: PodView, index: ClaimIndex): PodView[] {
  const uid = mountPod.labels[MOUNT_POD_LABELS.workloadPodUid];
  if (uid !== undefined) return [index.podByUid(uid)].filter((pod) => pod !== undefined);
  const { nodeName, servesNamespace } = mountPod;
  if (servesNamespace === undefined) return [];
  return index
    .podsIn(servesNamespace)
    .filter(
      (pod) =>
        pod.volumeRoot?.dispatchPolicy === 'shared' &&
        (nodeName === undefined || pod.nodeName === nodeName),
    );
}
