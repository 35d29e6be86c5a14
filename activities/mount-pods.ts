// Is there a mount pod for a sharing key, and how is one made or taken away?
import { parseSharingKey } from '../api/node-agent.ts';
import type { MountPodRef } from '../api/node-agent.ts';
import { VolumeError } from '../api/errors.ts';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../api/names.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isConflict } from '../watch/kubernetes-error.ts';
import { isCompleted, isStaying } from '../watch/pod-state.ts';
import type { ServingMountPods } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { buildMountPod, parseMountPodOrdinal } from './mount-pod-spec.ts';
import type { MountPodNeed } from './mount-pod-spec.ts';
import { takeWarmMountPod } from './warm-mount-pods.ts';

type Deps = Pick<Dependencies, 'view' | 'kubernetes' | 'settings' | 'mountPodLock'>;

/** How often a lost race for a mount pod's name is run again. */
const MAX_CREATE_TRIES = 5;

/** Seconds that the kubelet gives a mount pod that has been told to end. */
const REMOVE_GRACE_SECONDS = 1;

/** The mount pod to be used among those of a sharing key; if there should be several, the same for all who look. */
export function findUsableMountPod(
  pods: PodView[],
  retired: ReadonlySet<string> = new Set(),
): PodView | undefined {
  return pods
    .filter((pod) => isStaying(pod) && !retired.has(pod.uid))
    .sort(
      (a, b) =>
        parseMountPodOrdinal(a.name) - parseMountPodOrdinal(b.name) ||
        a.name.localeCompare(b.name, 'en'),
    )[0];
}

/** Has it never run, and never will with an image that is not ours any more? An upgrade may have mended that. */
function isOutdated(
  { phase, startProblem, image }: PodView,
  { mountPodImage }: Deps['settings'],
): boolean {
  return (
    phase === 'Pending' &&
    startProblem !== undefined &&
    image !== undefined &&
    image !== mountPodImage
  );
}

/** Which mount pods of a sharing key may serve now. */
export function listServing(pods: PodView[]): ServingMountPods {
  const usable = findUsableMountPod(pods);
  const ending = pods.filter((pod) => pod.terminating && !isCompleted(pod));
  return {
    ...(usable ? { mountPodUid: usable.uid } : {}),
    endingMountPodUids: ending.map((pod) => pod.uid).sort(),
  };
}

/**
 * Answers the mount pod of a sharing key. If there is none, takes a warm one of the class, or makes one
 * at once. It need not run yet: the node agent waits for its sockets.
 *
 * Two attempts never make two: within a process they wait for each other, between processes the name
 * follows from the pods that exist, so that one of them is refused and looks again. So what has ended is
 * removed only when its successor is there. Two processes may take two warm ones, or see another pod go
 * at different times; then both keep the same and give the other up.
 *
 * @param retired UIDs that the agent attaches nothing to any more
 * @throws VolumeError `CLASS_INVALID` the API server does not accept what the class asks for
 * @throws VolumeError `MOUNT_POD_NOT_READY` the API server refuses the pod otherwise
 */
export async function ensureMountPod(
  deps: Deps,
  need: MountPodNeed,
  retired: ReadonlySet<string>,
): Promise<PodView> {
  const cached = findUsableMountPod(deps.view.mountPods(need.sharingKey), retired);
  if (cached && !isOutdated(cached, deps.settings)) return cached;
  return deps.mountPodLock.runExclusive(need.sharingKey, async () => {
    for (let tries = 1; ; tries++) {
      const live = await deps.kubernetes.listMountPods(need.sharingKey);
      const isUseless = (pod: PodView) => isCompleted(pod) || isOutdated(pod, deps.settings);
      const usable = findUsableMountPod(
        live.filter((pod) => !isUseless(pod)),
        retired,
      );
      if (usable) return usable;
      const warm = await takeWarmMountPod(deps, need);
      const made = warm ?? (await createNext(deps, need, live, tries < MAX_CREATE_TRIES));
      if (!made) continue;
      await removeMountPods(deps, live.filter(isUseless));
      const mayBeTwo = warm !== undefined || live.length > 0;
      return mayBeTwo ? settleOnOne(deps, need, made, retired) : made;
    }
  });
}

/** Undefined when somebody was quicker, and it is worth to look again. */
async function createNext(
  { kubernetes, settings }: Deps,
  need: MountPodNeed,
  live: PodView[],
  mayLookAgain: boolean,
): Promise<PodView | undefined> {
  const ordinal = Math.max(0, ...live.map((pod) => parseMountPodOrdinal(pod.name))) + 1;
  try {
    return await kubernetes.createPod(buildMountPod(need, ordinal, settings));
  } catch (error) {
    if (!isConflict(error) || !mayLookAgain) throw explainRefusal(need, error);
    return undefined;
  }
}

async function settleOnOne(
  deps: Deps,
  { sharingKey }: MountPodNeed,
  taken: PodView,
  retired: ReadonlySet<string>,
): Promise<PodView> {
  const live = await deps.kubernetes.listMountPods(sharingKey);
  const usable = live.filter((pod) => !isOutdated(pod, deps.settings));
  const chosen = findUsableMountPod(usable, retired) ?? taken;
  if (chosen.uid !== taken.uid) await removeMountPods(deps, [taken]);
  return chosen;
}

function explainRefusal(need: MountPodNeed, error: unknown): unknown {
  const status = (error as { status?: unknown }).status;
  if (typeof status !== 'number' || status < 400 || status >= 500) return error;
  const isInvalid = status === 400 || status === 422;
  const message = `The mount pod of StorageProviderClass "${need.className}" is refused: ${String((error as Error).message)}`;
  return new VolumeError(isInvalid ? 'CLASS_INVALID' : 'MOUNT_POD_NOT_READY', message, {
    cause: error,
  });
}

/**
 * Mount pods of these sources: from the cache if it has the one that is known to have served, else from
 * the API server, because an attempt that was stopped may have made another one a moment ago.
 */
export async function listMountPodsOf(
  { view, kubernetes }: Pick<Dependencies, 'view' | 'kubernetes'>,
  sources: { sourceKey: string; mountPodUid?: string }[],
): Promise<PodView[]> {
  const sharingKeys = [...new Set(sources.map((source) => parseSharingKey(source.sourceKey)))];
  const lists = sharingKeys.map(async (sharingKey) => {
    const cached = view.mountPods(sharingKey);
    const expected = sources.filter((source) => parseSharingKey(source.sourceKey) === sharingKey);
    const lacksOne = expected.some(
      ({ mountPodUid }) =>
        mountPodUid === undefined || !cached.some((pod) => pod.uid === mountPodUid),
    );
    return lacksOne ? kubernetes.listMountPods(sharingKey) : cached;
  });
  return (await Promise.all(lists)).flat();
}

/** Names mount pods to an agent. One without a sharing key serves nothing and is left out. */
export function buildMountPodRefs(pods: PodView[]): MountPodRef[] {
  return pods.flatMap(({ uid, labels }) => {
    const sharingKey = labels[MOUNT_POD_LABELS.sharingKey];
    const isCached = labels[MOUNT_POD_LABELS.writeMode] === 'cached';
    const writeMode = isCached ? 'cached' : 'sequential';
    return sharingKey === undefined ? [] : [{ uid, sharingKey, writeMode }];
  });
}

/** Deletes mount pods that serve nothing any more. */
export async function removeMountPods(
  { kubernetes }: Pick<Dependencies, 'kubernetes'>,
  pods: Pick<PodView, 'name' | 'uid'>[],
): Promise<void> {
  await Promise.all(
    pods.map(({ name, uid }) =>
      kubernetes.removePod({ namespace: MOUNT_NAMESPACE, name, uid }, REMOVE_GRACE_SECONDS),
    ),
  );
}
