// How is taken away what no claim accounts for?
import { AUDIT_CLAIM_UID, SYSTEM_NAMESPACE } from '../api/names.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import type { ClaimRef, DetachRequest } from '../api/node-agent.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isCompleted } from '../watch/pod-state.ts';
import type { ClaimIdentity, Orphan, RepairRequest } from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { readLiveClaims } from './live-claims.ts';
import { buildMountPodRefs, removeMountPods } from './mount-pods.ts';
import { listAllMountPods } from './node-tables.ts';
import { isOrphanMount } from './orphans.ts';

/** Milliseconds for an agent to take mounts away, of which it may wait 12 s for uploads. */
const DETACH_DEADLINE_MS = 30_000;

/** In whose name an agent is asked; no claim's attach is stopped by it. */
const AUDIT: ClaimRef = {
  uid: AUDIT_CLAIM_UID,
  namespace: SYSTEM_NAMESPACE,
  name: 'drift-audit',
  generation: 0,
};

/**
 * Takes orphans away and calls for a second look at claims. Nothing is forced: what is in use, or has not
 * been uploaded, stays for the next audit. Answers how many orphans are gone.
 *
 * @throws the reason of the attempt's signal when it is cancelled
 * @throws KubernetesError the API server refuses or is away
 */
export async function repairDrift(
  deps: Dependencies,
  { remove, recheck }: RepairRequest,
  attempt: Attempt,
): Promise<{ removed: number }> {
  for (const identity of recheck) recheckClaim(deps, identity);
  const orphans = await confirmOrphans(deps, remove);
  const byNode = Map.groupBy(orphans, (orphan) => orphan.node);
  const counts = await Promise.all(
    [...byNode].map(([node, group]) =>
      node === '' ? removeUnscheduled(deps, group) : repairNode(deps, node, group, attempt),
    ),
  );
  return { removed: counts.reduce((sum, count) => sum + count, 0) };
}

function recheckClaim({ view, look }: Dependencies, identity: ClaimIdentity): void {
  const claim = view.claim(identity.namespace, identity.name);
  if (claim?.metadata.uid === identity.uid) look(claim, { recheck: true });
}

/** Time may have passed since the look, if a worker was lost. Of sources and mount pods the agent itself knows the use. */
async function confirmOrphans(deps: Dependencies, orphans: Orphan[]): Promise<Orphan[]> {
  const liveClaims = readLiveClaims(deps);
  const confirmed = orphans.map(async (orphan) =>
    orphan.kind !== 'mount' || (await isOrphanMount(deps, orphan, liveClaims)) ? [orphan] : [],
  );
  return (await Promise.all(confirmed)).flat();
}

async function repairNode(
  deps: Dependencies,
  node: string,
  orphans: Orphan[],
  attempt: Attempt,
): Promise<number> {
  const mountPods = listMountPods(deps, node, orphans);
  const request = buildRequest(orphans, mountPods);
  const how = { signal: attempt.signal, deadlineMs: DETACH_DEADLINE_MS };
  try {
    const { results, retiredMountPods } = await deps.agents.detach(node, request, how);
    const unused = mountPods.filter(
      (pod) => retiredMountPods.includes(pod.uid) || isCompleted(pod),
    );
    await removeMountPods(deps, unused);
    for (const { code, message } of results) {
      if (code !== '') attempt.warn('Orphan could not be removed', { node, code, reason: message });
    }
    const detached = results.filter(({ code }) => code === '').length;
    return detached + request.sourceKeys.length + unused.length;
  } catch (error) {
    attempt.signal.throwIfAborted();
    attempt.warn('Orphans of a node could not be removed', { node, err: error });
    return 0;
  }
}

/** Mount pods that wait for a node have mounted nothing; one that was scheduled meanwhile is left to the next audit. */
async function removeUnscheduled(deps: Dependencies, orphans: Orphan[]): Promise<number> {
  const uids = new Set(orphans.map((orphan) => orphan.mountPodUid));
  const waiting = listAllMountPods(deps.view).filter(
    (pod) => uids.has(pod.uid) && pod.nodeName === undefined,
  );
  await removeMountPods(deps, waiting);
  return waiting.length;
}

/** Orphans themselves, and those that may have become idle with the orphaned mounts. */
function listMountPods({ view }: Dependencies, node: string, orphans: Orphan[]): PodView[] {
  const uids = new Set(orphans.map((orphan) => orphan.mountPodUid));
  const sharingKeys = orphans.flatMap(({ sourceKey }) =>
    sourceKey === undefined ? [] : parseSharingKey(sourceKey),
  );
  const idle = new Set(sharingKeys.flatMap((key) => view.mountPods(key).map((pod) => pod.uid)));
  return listAllMountPods(view).filter(
    (pod) => pod.nodeName === node && (uids.has(pod.uid) || idle.has(pod.uid)),
  );
}

function buildRequest(orphans: Orphan[], mountPods: PodView[]): DetachRequest {
  return {
    claim: AUDIT,
    targets: orphans.flatMap(({ podUid, mountpoint, sourceKey }) =>
      podUid === undefined || mountpoint === undefined || sourceKey === undefined
        ? []
        : { podUid, mountpoint, sourceKey, force: false },
    ),
    mountPods: buildMountPodRefs(mountPods),
    sourceKeys: orphans.flatMap(({ kind, sourceKey }) =>
      kind === 'source' && sourceKey !== undefined ? sourceKey : [],
    ),
    discardWrites: false,
  };
}
