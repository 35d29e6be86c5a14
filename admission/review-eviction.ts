// May this mount pod be evicted?
import { ALLOW_EVICTION_ANNOTATION, MOUNT_POD_LABELS } from '../api/names.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isStaying } from '../watch/pod-state.ts';
import { TooEarlyError } from './denied-error.ts';
import type { LookUps } from './look-ups.ts';
import type { AdmissionRequest, Verdict } from './review.ts';

/**
 * An eviction of a pod in the mount pods' namespace. A mount pod that serves waits for its users: the controller deletes
 * it as soon as nothing uses it. Only the eviction API is held up; a deletion is not.
 */
export async function reviewEviction(
  { name = '', namespace = '' }: AdmissionRequest,
  { findPod }: LookUps,
): Promise<Verdict> {
  const pod = await findPod(namespace, name);
  if (pod === undefined || !isInUse(pod) || pod.mayBeEvicted) return {};
  throw new TooEarlyError(
    `mount pod ${namespace}/${name} serves ${describeUsers(pod)} and is deleted as soon as nothing uses it: evict its users first; to evict it nevertheless, which fails the files that are open, annotate it with ${ALLOW_EVICTION_ANNOTATION}=true`,
  );
}

/** A taken one is deleted with its last use, so that as long as it is there it is used. A warm one serves nothing. */
function isInUse(pod: PodView): boolean {
  return pod.labels[MOUNT_POD_LABELS.sharingKey] !== undefined && isStaying(pod);
}

function describeUsers({ servesNamespace, servesPod, nodeName }: PodView): string {
  if (servesPod !== undefined) return `pod ${servesNamespace}/${servesPod}`;
  return `pods of namespace ${servesNamespace} on node ${nodeName}`;
}
