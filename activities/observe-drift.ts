// Where do claims, pods and the nodes' mount tables differ? (reads only)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { CLASS_PARAMETERS, MOUNT_POD_LABELS } from '../api/names.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import type { ListRequest, ListResponse, MountPodThrottling } from '../api/node-agent.ts';
import { parseMountpoint } from '../api/paths.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import type { ClaimIdentity, DriftLook } from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { readLiveClaims } from './live-claims.ts';
import { listOwners, listServedPods } from './mount-owner.ts';
import { listAllMountPods, listNodeTables } from './node-tables.ts';
import { findOrphans, findUnscheduledOrphans } from './orphans.ts';
import { reportThrottling } from './throttling.ts';
import type { ThrottledMountPod } from './throttling.ts';

/** A mount that a claim's status promises. */
interface Promised {
  claim: DynamicVolumeClaim;
  node: string;
  podUid: string;
}

/**
 * Compares what the claims say with what is mounted, and tells of mount pods that their CPU limit holds up.
 *
 * @throws the reason of the attempt's signal when it is cancelled
 * @throws KubernetesError the API server refuses or is away
 */
export async function observeDrift(deps: Dependencies, attempt: Attempt): Promise<DriftLook> {
  const { view } = deps;
  await view.synced;
  // Before the tables are read: what was attached only then is not missing from them.
  const promised = listPromised(view);
  const { tables, silent } = await listNodeTables(deps, buildRequests(view), attempt.signal);
  for (const [node, error] of silent) {
    attempt.warn('Node could not be audited', { node, err: error });
  }
  const liveClaims = readLiveClaims(deps);
  const orphans = await Promise.all([
    ...[...tables].map(([node, table]) => findOrphans(deps, node, table, liveClaims)),
    findUnscheduledOrphans(deps, liveClaims),
  ]);
  await reportThrottling(deps, listThrottled(view, tables), attempt.warn);
  return {
    mounts: [...tables.values()].reduce((count, { mounts }) => count + mounts.length, 0),
    unreachableNodes: [...silent.keys()].sort(),
    orphans: orphans.flat(),
    missing: listMissing(view, promised, tables),
  };
}

/** For all nodes that have an agent, or a mount pod. */
function buildRequests(view: ClusterView): Map<string, ListRequest> {
  const mountPods = listAllMountPods(view);
  const nodes = [...view.agentNodes(), ...mountPods.flatMap(({ nodeName }) => nodeName ?? [])];
  const listUids = (node: string) =>
    mountPods.filter(({ nodeName }) => nodeName === node).map(({ uid }) => uid);
  return new Map(nodes.map((node) => [node, { mountPodUids: listUids(node) }]));
}

function listPromised(view: ClusterView): Promised[] {
  return view
    .claims()
    .flatMap((claim) =>
      listServedPods(claim, (namespace) => view.podsIn(namespace)).flatMap(({ uid, nodeName }) =>
        nodeName === undefined ? [] : [{ claim, node: nodeName, podUid: uid }],
      ),
    );
}

/** Claims of which a promised mount is not there, and which nobody has touched meanwhile. */
function listMissing(
  view: ClusterView,
  promised: Promised[],
  tables: Map<string, ListResponse>,
): ClaimIdentity[] {
  const present = new Set(
    [...tables.values()].flatMap(({ mounts }) =>
      mounts.map(({ podUid, mountpoint }) => `${podUid}/${mountpoint}`),
    ),
  );
  const missing = promised.filter(
    ({ claim, node, podUid }) =>
      tables.has(node) && !present.has(`${podUid}/${parseMountpoint(claim.spec.mountpoint)}`),
  );
  const claims = new Set(missing.map(({ claim }) => claim));
  return [...claims].flatMap(({ metadata }) => {
    const { namespace, name, uid, resourceVersion } = metadata;
    const now = view.claim(namespace, name);
    return now?.metadata.resourceVersion === resourceVersion ? [{ namespace, name, uid }] : [];
  });
}

function listThrottled(view: ClusterView, tables: Map<string, ListResponse>): ThrottledMountPod[] {
  const mountPods = new Map(listAllMountPods(view).map((pod) => [pod.uid, pod]));
  return [...tables.values()].flatMap((table) =>
    table.throttling.flatMap((figures) => {
      const mountPod = mountPods.get(figures.mountPodUid);
      return mountPod ? findUsers(view, table, mountPod, figures) : [];
    }),
  );
}

/** The mount pod with the claims whose mounts it serves. */
function findUsers(
  view: ClusterView,
  { mounts }: ListResponse,
  mountPod: PodView,
  figures: MountPodThrottling,
): ThrottledMountPod[] {
  const sharingKey = mountPod.labels[MOUNT_POD_LABELS.sharingKey];
  const users = mounts
    .filter(({ sourceKey }) => parseSharingKey(sourceKey) === sharingKey)
    .flatMap((mount) =>
      listOwners(view, mount).map(({ metadata, spec }) => ({
        claim: metadata,
        className:
          spec.storageProviderClassName ?? view.podByUid(mount.podUid)?.volumeRoot?.className ?? '',
      })),
    );
  const className = users[0]?.className ?? '';
  const cpuLimit = view.storageProviderClass(className)?.spec.parameters[CLASS_PARAMETERS.cpuLimit];
  if (cpuLimit === undefined) return [];
  const claims = [...new Set(users.map(({ claim }) => claim))];
  return [{ name: mountPod.name, className, cpuLimit, figures, claims }];
}
