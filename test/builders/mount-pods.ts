// What do mount pods look like when nobody cares for their details?
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../api/names.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import { aPod } from './objects.ts';

/** One that is for the pod `pod` of the namespace `shop`. */
export function aMountPod(pod: string, changes: Partial<PodView> = {}): PodView {
  const labels = {
    [MOUNT_POD_LABELS.workloadPodUid]: `uid-${pod}`,
    [MOUNT_POD_LABELS.sharingKey]: `key-${pod}`,
  };
  return build({ name: `s3-${pod}`, servesNamespace: 'shop', servesPod: pod, labels, ...changes });
}

/** One that the pods of a namespace share. */
export function aSharedMountPod(namespace: string, changes: Partial<PodView> = {}): PodView {
  const labels = { [MOUNT_POD_LABELS.sharingKey]: `key-${namespace}` };
  return build({ name: `s3-${namespace}`, servesNamespace: namespace, labels, ...changes });
}

function build(changes: Partial<PodView>): PodView {
  const { volumeRoot: _, ...pod } = aPod({ namespace: MOUNT_NAMESPACE, ...changes });
  return pod;
}
