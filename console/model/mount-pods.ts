// Which mount pods serve a claim, and how are they? (pure)
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { MOUNT_POD_LABELS } from '../../api/names.ts';
import { matchesSelector } from '../../api/selector.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import type { MountPodView } from './views.ts';

/**
 * Builds the mount pods that are there for pods of the claim, by node and name.
 *
 * Which claim of its pods a mount pod serves is only in the key that its name is made from; one that is for a pod of
 * the claim, but for another claim's class or endpoint, is to be left out by who knows the key.
 *
 * @param pods those of the claim's namespace
 * @param mountPods those of the mount pods' namespace
 */
export function buildMountPodViews(
  claim: DynamicVolumeClaim,
  pods: PodView[],
  mountPods: PodView[],
): MountPodView[] {
  const own = listClaimPods(claim, pods);
  return mountPods
    .flatMap((mountPod) => {
      const served = own.filter((pod) => isFor(mountPod, pod)).map((pod) => pod.name);
      return served.length === 0 ? [] : [buildMountPodView(mountPod, served.sort())];
    })
    .sort((a, b) => compare(a.node, b.node) || compare(a.name, b.name));
}

/** The pods that the claim matches, and those that its status still tells of. */
export function listClaimPods({ spec, status }: DynamicVolumeClaim, pods: PodView[]): PodView[] {
  const told = new Set(status?.pods?.map((pod) => pod.uid));
  return pods.filter((pod) => told.has(pod.uid) || matchesSelector(spec.selector, pod.labels));
}

/** @param pods names of those that it serves */
export function buildMountPodView(mountPod: PodView, pods: string[]): MountPodView {
  return {
    name: mountPod.name,
    uid: mountPod.uid,
    node: findNode(mountPod),
    state: findState(mountPod),
    shared: isShared(mountPod),
    pods,
  };
}

/** Is a mount pod there for a pod? With the policy `shared` it serves the pods of its node that have that policy, else the one that it names. */
export function isFor(mountPod: PodView, pod: PodView): boolean {
  if (mountPod.servesNamespace !== pod.namespace || pod.volumeRoot === undefined) return false;
  if (!isShared(mountPod)) return mountPod.labels[MOUNT_POD_LABELS.workloadPodUid] === pod.uid;
  const isSharing = pod.volumeRoot.dispatchPolicy === 'shared';
  return isSharing && findNode(mountPod) === pod.nodeName;
}

function isShared(mountPod: PodView): boolean {
  return mountPod.labels[MOUNT_POD_LABELS.workloadPodUid] === undefined;
}

/** Before it is scheduled only its label tells, which cuts long names. */
function findNode({ nodeName, labels }: PodView): string {
  return nodeName ?? labels[MOUNT_POD_LABELS.node] ?? '';
}

/** One that has succeeded was retired, and is there until somebody takes its object away. */
function findState({ phase, terminating, startProblem }: PodView): string {
  if (terminating || phase === 'Succeeded') return 'Ending';
  return startProblem?.reason ?? phase;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
