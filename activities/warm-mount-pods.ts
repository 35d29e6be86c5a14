// Is a mount pod of the class already standing ready on the node?
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../api/names.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
import type { Dependencies } from './dependencies.ts';
import { buildAssignment, buildPoolKey } from './mount-pod-spec.ts';
import type { MountPodNeed } from './mount-pod-spec.ts';

type Deps = Pick<Dependencies, 'view' | 'kubernetes' | 'settings'>;

/** How often one pod is tried: the cache may be behind its last change of status. */
const MAX_TRIES = 2;

/**
 * Makes a ready warm mount pod the one of a sharing key; undefined when the class keeps none, or none is left.
 * Who takes a pod names its version, so that nobody else can take or delete it at the same time.
 */
export async function takeWarmMountPod(
  deps: Deps,
  need: MountPodNeed,
): Promise<PodView | undefined> {
  if (need.parameters.warmMountPods === 0) return undefined;
  const poolKey = buildPoolKey(need, deps.settings);
  const isFree = (pod: PodView) =>
    pod.labels[MOUNT_POD_LABELS.warmPool] === poolKey &&
    pod.nodeName === need.node &&
    pod.ready &&
    !pod.terminating;
  // In the same order for all who look, so that few of them take two.
  const free = deps.view
    .podsIn(MOUNT_NAMESPACE)
    .filter(isFree)
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  for (const pod of free) {
    const taken = await assign(deps, need, pod, isFree);
    if (taken) return taken;
  }
  return undefined;
}

async function assign(
  { kubernetes }: Deps,
  need: MountPodNeed,
  found: PodView,
  isFree: (pod: PodView) => boolean,
): Promise<PodView | undefined> {
  const { namespace, name } = found;
  const { labels, annotations } = buildAssignment(need);
  let { resourceVersion } = found;
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    try {
      return await kubernetes.patchPodMetadata(
        { namespace, name, resourceVersion },
        { labels: { ...labels, [MOUNT_POD_LABELS.warmPool]: null }, annotations },
      );
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error)) throw error;
    }
    const live = await kubernetes.getPod(namespace, name);
    if (!live || !isFree(live)) return undefined;
    ({ resourceVersion } = live);
  }
  return undefined;
}
