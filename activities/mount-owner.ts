// Which claim accounts for a mount in a pod? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { ERRORS } from '../api/errors.ts';
import type { MountedTarget } from '../api/node-agent.ts';
import { parseMountpoint } from '../api/paths.ts';
import { matchesPod } from '../watch/claim-match.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import { isStaying } from '../watch/pod-state.ts';

/**
 * Does the claim account for what is mounted at this place of a pod of its namespace?
 *
 * One under deletion still takes its mounts away. One that says of the pod that its mountpoint is taken
 * disowns what is there; any other pod of its status is one that it attaches to or detaches from.
 */
export function accountsFor(claim: DynamicVolumeClaim, pod: PodView, mountpoint: string): boolean {
  if (parseMountpoint(claim.spec.mountpoint) !== mountpoint) return false;
  if (claim.metadata.deletionTimestamp !== undefined) return true;
  const row = claim.status?.pods?.find((one) => one.uid === pod.uid);
  if (row) return row.reason !== ERRORS.MOUNTPOINT_CONFLICT.reason;
  return matchesPod(claim, pod);
}

/** The claims that account for what is mounted at this place; none for a pod that no cache knows. */
export function listOwners(
  view: Pick<ClusterView, 'podByUid' | 'claimsIn'>,
  { podUid, mountpoint }: Pick<MountedTarget, 'podUid' | 'mountpoint'>,
): DynamicVolumeClaim[] {
  const pod = view.podByUid(podUid);
  if (!pod) return [];
  return view.claimsIn(pod.namespace).filter((claim) => accountsFor(claim, pod, mountpoint));
}

/** Does the claim say of itself that it serves in all of its pods? */
export function isServedEverywhere({ status }: DynamicVolumeClaim): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: holds }) => type === 'Ready' && holds === 'True',
  );
}

/** Pods in which the claim says that its storage is served, of those that still run. */
export function listServedPods(
  claim: DynamicVolumeClaim,
  podsIn: (namespace: string) => PodView[],
): PodView[] {
  const { status, metadata } = claim;
  if (!status?.pods || metadata.deletionTimestamp !== undefined) return [];
  const rows = new Map(status.pods.map((row) => [row.uid, row.state]));
  const { matched = 0, attached = 0 } = status;
  // The status names 20 pods at most; of the others it says only how many are served.
  const areAllServed = matched > rows.size && attached === matched;
  return podsIn(metadata.namespace).filter((pod) => {
    if (!isStaying(pod) || !pod.sandboxReady || !pod.volumeRoot) return false;
    const state = rows.get(pod.uid);
    if (state !== undefined) return state === 'Attached';
    return areAllServed && matchesPod(claim, pod);
  });
}
