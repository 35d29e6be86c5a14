// Does a claim still want a mount pod? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { MOUNT_POD_LABELS } from '../api/names.ts';
import { parseClassParameters } from '../api/storage-provider-class.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import { matchesPod } from '../watch/claim-match.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { buildPodScope, buildSharingKey } from './sharing-key.ts';

/** What is known of the namespace that a mount pod serves. */
export interface ServedNamespace {
  claims: DynamicVolumeClaim[];
  pods: PodView[];
  storageProviderClass(name: string): StorageProviderClass | undefined;
}

/** Is there a claim that wants the mount pod's sharing key for a pod on its node? One that is not scheduled may be for any. */
export function isWanted(mountPod: PodView, served: ServedNamespace): boolean {
  const sharingKey = mountPod.labels[MOUNT_POD_LABELS.sharingKey];
  const workloadPodUid = mountPod.labels[MOUNT_POD_LABELS.workloadPodUid];
  const pods = served.pods
    .filter(({ nodeName }) => !mountPod.nodeName || nodeName === mountPod.nodeName)
    .filter((pod) => workloadPodUid === undefined || pod.uid === workloadPodUid);
  return pods.some((pod) =>
    served.claims.some((claim) => matchesPod(claim, pod) && wants(claim, pod, sharingKey, served)),
  );
}

/** In doubt, as with a class that is not known, it does. */
function wants(
  claim: DynamicVolumeClaim,
  pod: PodView,
  sharingKey: string | undefined,
  { storageProviderClass }: ServedNamespace,
): boolean {
  if (!pod.volumeRoot) return false;
  const className = claim.spec.storageProviderClassName ?? pod.volumeRoot.className;
  const cls = storageProviderClass(className);
  if (!cls) return true;
  try {
    const { endpoint } = claim.spec.s3Config;
    const parameters = parseClassParameters(cls);
    const scope = buildPodScope(pod, { className, endpoint, parameters });
    return buildSharingKey(scope) === sharingKey;
  } catch {
    return true;
  }
}
