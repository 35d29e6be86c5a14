// What on the nodes does no claim account for?
import { MOUNT_POD_LABELS } from '../api/names.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import type { ListResponse } from '../api/node-agent.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isCompleted, isStaying } from '../watch/pod-state.ts';
import type { Orphan } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import type { LiveClaims } from './live-claims.ts';
import { accountsFor } from './mount-owner.ts';
import { isWanted } from './mount-pod-use.ts';
import { listAllMountPods } from './node-tables.ts';

type Deps = Pick<Dependencies, 'view' | 'kubernetes'>;

/** Everything on one node that nobody accounts for, in the cache and at the API server. */
export async function findOrphans(
  deps: Deps,
  node: string,
  table: ListResponse,
  liveClaims: LiveClaims,
): Promise<Orphan[]> {
  const mounts = table.mounts.map(({ podUid, mountpoint, sourceKey }) => ({
    node,
    kind: 'mount' as const,
    sourceKey,
    podUid,
    mountpoint,
  }));
  const mountPods = listIdleMountPods(deps, node, table);
  const judged = await Promise.all([
    ...mounts.map(async (mount) => ((await isOrphanMount(deps, mount, liveClaims)) ? [mount] : [])),
    ...mountPods.map(async (pod) =>
      (await isUnwanted(deps, pod, liveClaims)) ? [nameMountPod(node, pod)] : [],
    ),
  ]);
  return [...judged.flat(), ...listUnusedSources(node, table)];
}

/** Mount pods that were never scheduled, so that no node tells of them, and that no claim wants. Their node is "". */
export async function findUnscheduledOrphans(
  deps: Deps,
  liveClaims: LiveClaims,
): Promise<Orphan[]> {
  const waiting = listAllMountPods(deps.view).filter(
    ({ nodeName, terminating, labels }) =>
      nodeName === undefined && !terminating && labels[MOUNT_POD_LABELS.sharingKey] !== undefined,
  );
  const judged = waiting.map(async (pod) =>
    (await isUnwanted(deps, pod, liveClaims)) ? [nameMountPod('', pod)] : [],
  );
  return (await Promise.all(judged)).flat();
}

/** Is something mounted in a running pod that no claim accounts for? In a pod that is gone the kubelet cleans up. */
export async function isOrphanMount(
  { view, kubernetes }: Deps,
  { podUid, mountpoint }: Pick<Orphan, 'podUid' | 'mountpoint'>,
  liveClaims: LiveClaims,
): Promise<boolean> {
  const pod = podUid === undefined ? undefined : view.podByUid(podUid);
  if (!pod || mountpoint === undefined || !isStaying(pod)) return false;
  const { namespace, name } = pod;
  if (view.claimsIn(namespace).some((claim) => accountsFor(claim, pod, mountpoint))) return false;
  const live = await kubernetes.getPod(namespace, name);
  if (live === undefined || live.uid !== podUid || !isStaying(live)) return false;
  return !(await liveClaims(namespace)).some((claim) => accountsFor(claim, live, mountpoint));
}

function listUnusedSources(node: string, { mounts, stagedSourceKeys }: ListResponse): Orphan[] {
  const shown = new Set(mounts.map((mount) => mount.sourceKey));
  return stagedSourceKeys
    .filter((sourceKey) => !shown.has(sourceKey))
    .map((sourceKey) => ({ node, kind: 'source', sourceKey }));
}

/** Mount pods of the node that have ended, or are without a source; warm ones have none yet. */
function listIdleMountPods({ view }: Deps, node: string, table: ListResponse): PodView[] {
  const busy = new Set(table.stagedSourceKeys.map(parseSharingKey));
  return listAllMountPods(view).filter((pod) => {
    const sharingKey = pod.labels[MOUNT_POD_LABELS.sharingKey];
    const isHere = pod.nodeName === node && !pod.terminating;
    return isHere && sharingKey !== undefined && (isCompleted(pod) || !busy.has(sharingKey));
  });
}

async function isUnwanted(
  { view }: Deps,
  mountPod: PodView,
  liveClaims: LiveClaims,
): Promise<boolean> {
  const namespace = mountPod.servesNamespace;
  if (namespace === undefined || isCompleted(mountPod)) return true;
  const pods = view.podsIn(namespace);
  const storageProviderClass = (name: string) => view.storageProviderClass(name);
  if (isWanted(mountPod, { claims: view.claimsIn(namespace), pods, storageProviderClass })) {
    return false;
  }
  const claims = await liveClaims(namespace);
  return !isWanted(mountPod, { claims, pods, storageProviderClass });
}

function nameMountPod(node: string, { uid, name }: PodView): Orphan {
  return { node, kind: 'mountPod', mountPodUid: uid, mountPodName: name };
}
