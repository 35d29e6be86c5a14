// What has a former workflow of a claim left mounted?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { MountedTarget } from '../api/node-agent.ts';
import { parseMountpoint } from '../api/paths.ts';
import { isOlder, matchesPod } from '../watch/claim-match.ts';
import type { PodView } from '../watch/cluster-view.ts';
import type { ClaimIdentity, LeftMount, LeftMounts } from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { readLiveClaim } from './live-claims.ts';
import { listNodeTables } from './node-tables.ts';

type Deps = Pick<Dependencies, 'view' | 'kubernetes' | 'agents'>;

type Mounts = { node: string; mounts: MountedTarget[] };

/**
 * Asks the agents what is mounted at the claim's mountpoint in pods of its namespace. What another claim
 * has the better right to is not ours.
 *
 * @throws KubernetesError the API server refuses or is away
 * @throws the reason of the attempt's signal when it is cancelled
 */
export async function findLeftMounts(
  deps: Deps,
  identity: ClaimIdentity,
  attempt: Pick<Attempt, 'signal'>,
): Promise<LeftMounts> {
  await deps.view.synced;
  const claim = await findClaim(deps, identity);
  if (!claim) return { mounts: [], unreachableNodes: [] };
  const { answered, silent } = await askAgents(deps, claim, attempt.signal);
  const pods = await findPods(deps, claim, answered);
  const owned = new Map<string, PodView>();
  for (const pod of pods) if (await isOwned(deps, claim, pod)) owned.set(pod.uid, pod);
  return {
    mounts: answered.flatMap(({ node, mounts }) => buildLeftMounts(node, mounts, owned)),
    unreachableNodes: silent,
  };
}

async function findClaim(
  deps: Deps,
  identity: ClaimIdentity,
): Promise<DynamicVolumeClaim | undefined> {
  const cached = deps.view.claim(identity.namespace, identity.name);
  return cached?.metadata.uid === identity.uid ? cached : readLiveClaim(deps, identity);
}

/**
 * All agents: the cache may lack a pod. Only of a node with injected pods of the namespace the silence matters;
 * a node without an agent has none. One that is not ready is left to the drift audit.
 */
async function askAgents(
  deps: Deps,
  claim: DynamicVolumeClaim,
  signal: AbortSignal,
): Promise<{ answered: Mounts[]; silent: string[] }> {
  const pods = deps.view.podsIn(claim.metadata.namespace);
  const concerned = pods.filter((pod) => pod.volumeRoot).flatMap((pod) => pod.nodeName ?? []);
  const nodes = [...deps.view.agentNodes(), ...concerned];
  const requests = new Map(nodes.map((node) => [node, { mountPodUids: [] }]));
  const { tables, silent } = await listNodeTables(deps, requests, signal);
  const missed = [...new Set(concerned)].filter((node) => silent.has(node));
  const states = await Promise.all(missed.map((node) => deps.kubernetes.getNodeState(node)));
  const mountpoint = parseMountpoint(claim.spec.mountpoint);
  return {
    answered: [...tables].map(([node, { mounts }]) => ({
      node,
      mounts: mounts.filter((one) => one.mountpoint === mountpoint),
    })),
    silent: missed.filter((_node, index) => states[index] === 'ready').sort(),
  };
}

/** The pods of the namespace that have such a mount; one that no cache knows is looked for at the API server. */
async function findPods(
  { view, kubernetes }: Deps,
  claim: DynamicVolumeClaim,
  answered: Mounts[],
): Promise<PodView[]> {
  const { namespace } = claim.metadata;
  const uids = new Set(answered.flatMap(({ mounts }) => mounts.map((mount) => mount.podUid)));
  const isUnknown = [...uids].some((uid) => view.podByUid(uid) === undefined);
  const pods = isUnknown ? await kubernetes.listPods(namespace) : view.podsIn(namespace);
  return pods.filter((pod) => uids.has(pod.uid));
}

/**
 * Of the claims with this mountpoint that match the pod the oldest has it; when none matches, it is left
 * from a former selector. That another claim exists is only believed of the API server.
 */
async function isOwned(deps: Deps, claim: DynamicVolumeClaim, pod: PodView): Promise<boolean> {
  const { namespace, uid } = claim.metadata;
  const mountpoint = parseMountpoint(claim.spec.mountpoint);
  const matches = matchesPod(claim, pod);
  const others = deps.view
    .claimsIn(namespace)
    .filter((other) => other.metadata.uid !== uid && matchesPod(other, pod))
    .filter((other) => parseMountpoint(other.spec.mountpoint) === mountpoint)
    .filter((other) => !matches || isOlder(other, claim));
  for (const other of others) {
    const live = await readLiveClaim(deps, other.metadata);
    if (live && matchesPod(live, pod)) return false;
  }
  return true;
}

function buildLeftMounts(
  node: string,
  mounts: MountedTarget[],
  owned: Map<string, PodView>,
): LeftMount[] {
  return mounts.flatMap(({ podUid, mountpoint, sourceKey }) => {
    const pod = owned.get(podUid);
    if (!pod) return [];
    return [{ podUid, podName: pod.name, node, mountpoint, sourceKeys: [sourceKey] }];
  });
}
