// Which pods is a claim for, and which claims meet in one pod? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE, SYSTEM_NAMESPACE } from '../api/names.ts';
import { parseMountpoint } from '../api/paths.ts';
import { matchesSelector } from '../api/selector.ts';
import type { PodView } from './cluster-view.ts';

const OWN_NAMESPACES: readonly string[] = [SYSTEM_NAMESPACE, MOUNT_NAMESPACE];

type Placed = Pick<DynamicVolumeClaim, 'metadata' | 'spec'>;

/** A claim is for the pods of its own namespace that its selector matches, and never for one of ours. */
export function matchesPod(
  claim: Placed,
  pod: Pick<PodView, 'namespace' | 'labels'> | undefined,
): boolean {
  return (
    pod !== undefined &&
    pod.namespace === claim.metadata.namespace &&
    !OWN_NAMESPACES.includes(pod.namespace) &&
    matchesSelector(claim.spec.selector, pod.labels)
  );
}

/** Do two claims want one mountpoint, or one a mountpoint inside that of the other? */
export function overlaps(one: Placed, other: Placed): boolean {
  const a = `${parseMountpoint(one.spec.mountpoint)}/`;
  const b = `${parseMountpoint(other.spec.mountpoint)}/`;
  return a.startsWith(b) || b.startsWith(a);
}

/** Which of two claims has the better right to a mountpoint: the older one, and of two of one second the lower UID. */
export function isOlder(one: Placed, other: Placed): boolean {
  const [a, b] = [one.metadata, other.metadata];
  return a.creationTimestamp === b.creationTimestamp
    ? a.uid < b.uid
    : a.creationTimestamp < b.creationTimestamp;
}
