// Which warm mount pods are to be made, and which to be deleted? (pure)
import { MOUNT_POD_LABELS } from '../api/names.ts';
import type { MountPodPlace } from '../activities/mount-pod-spec.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isCompleted } from '../watch/pod-state.ts';

/** The warm mount pods that a class wants on one node. */
export interface Pool {
  place: MountPodPlace;
  /** Names of its pods are this and an ordinal; no other pool has the same. */
  namePrefix: string;
  /** How many shall stand ready. */
  size: number;
}

export interface WarmPoolPlan {
  create: { place: MountPodPlace; ordinal: number }[];
  remove: PodView[];
}

/**
 * Plans for all pools at once. What belongs to none any more goes: of a class that is gone or has changed,
 * of an older image, on a node without pods of the class.
 *
 * Who sees the same pods plans the same names, so that two controllers do not make twice as many.
 *
 * @param mountPods all mount pods: those that were taken from a pool have kept their names
 */
export function planWarmPools(pools: Pool[], mountPods: PodView[]): WarmPoolPlan {
  const names = new Set(mountPods.map((pod) => pod.name));
  const warm = mountPods.filter((pod) => pod.labels[MOUNT_POD_LABELS.warmPool] && !pod.terminating);
  const usable = warm.filter((pod) => !isCompleted(pod)).sort(compareReadyFirst);
  const kept = new Set<PodView>();
  const create: WarmPoolPlan['create'] = [];
  for (const { place, namePrefix, size } of pools) {
    const members = usable.filter((pod) => pod.name.startsWith(namePrefix)).slice(0, size);
    for (const pod of members) kept.add(pod);
    const ordinals = listFreeOrdinals(namePrefix, names, size - members.length);
    create.push(...ordinals.map((ordinal) => ({ place, ordinal })));
  }
  return { create, remove: warm.filter((pod) => !kept.has(pod)) };
}

function compareReadyFirst(a: PodView, b: PodView): number {
  return Number(b.ready) - Number(a.ready) || a.name.localeCompare(b.name, 'en');
}

function listFreeOrdinals(namePrefix: string, names: Set<string>, count: number): number[] {
  const free: number[] = [];
  for (let ordinal = 1; free.length < count; ordinal++) {
    if (!names.has(`${namePrefix}${ordinal}`)) free.push(ordinal);
  }
  return free;
}
