// Which claim has a pod's mountpoint when several want it?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { parseMountpoint } from '../api/paths.ts';
import { isOlder, matchesPod, overlaps } from '../watch/claim-match.ts';
import type { PodView } from '../watch/cluster-view.ts';
import type { Failure } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { readLiveClaim } from './live-claims.ts';
import { classifyPod } from './observe-pods.ts';

/**
 * The claims that come before a claim in one of these pods, oldest first: equal or nested mountpoint, and
 * older. One that is being deleted keeps its place until its object is gone. (pure)
 */
export function listRivals(
  claim: DynamicVolumeClaim,
  claims: DynamicVolumeClaim[],
  pods: PodView[],
): DynamicVolumeClaim[] {
  return claims
    .filter((other) => other.metadata.uid !== claim.metadata.uid && overlaps(other, claim))
    .filter((other) => isOlder(other, claim) && pods.some((pod) => matchesPod(other, pod)))
    .sort((a, b) => (isOlder(a, b) ? -1 : 1));
}

/** Says whose mountpoint it is. (pure) */
export function buildConflict(
  claim: DynamicVolumeClaim,
  winner: DynamicVolumeClaim,
  pod: Pick<PodView, 'name'>,
): Failure {
  const own = parseMountpoint(claim.spec.mountpoint);
  const other = parseMountpoint(winner.spec.mountpoint);
  const what =
    own === other
      ? `Mountpoint /${own} of pod ${pod.name} belongs to`
      : `Mountpoint /${own} of pod ${pod.name} overlaps /${other} of`;
  return {
    code: 'MOUNTPOINT_CONFLICT',
    message: `${what} the older DynamicVolumeClaim "${winner.metadata.name}"; choose another mountpoint or delete that claim`,
  };
}

/**
 * The conflicts of a claim, by pod UID. As a conflict takes a live mount away, no cache is believed that
 * shows one: the older claim, and a pod that may have mounts, are read from the API server.
 */
export async function observeConflicts(
  { view, kubernetes }: Pick<Dependencies, 'view' | 'kubernetes'>,
  claim: DynamicVolumeClaim,
  pods: PodView[],
  tracked: { uid: string }[],
): Promise<Map<string, Failure>> {
  const contested = pods.filter(isContested);
  const rivals = listRivals(claim, view.claimsIn(claim.metadata.namespace), contested);
  const conflicts = new Map<string, Failure>();
  const reads = new Map<string, ReturnType<typeof readLiveClaim>>();
  const confirm = (rival: DynamicVolumeClaim) => {
    const { uid } = rival.metadata;
    const reading = reads.get(uid) ?? readLiveClaim({ kubernetes }, rival.metadata);
    reads.set(uid, reading);
    return reading;
  };
  const mounted = new Set(tracked.map(({ uid }) => uid));
  for (const pod of contested) {
    for (const rival of rivals.filter((one) => matchesPod(one, pod))) {
      const winner = await confirm(rival);
      const live = mounted.has(pod.uid) ? await readPod(kubernetes, pod) : pod;
      if (!winner || !live || !matchesPod(winner, live)) continue;
      conflicts.set(pod.uid, buildConflict(claim, winner, pod));
      break;
    }
  }
  return conflicts;
}

/** What is mounted in a terminating pod stays until the kubelet takes it away; in others nothing can be. */
function isContested(pod: PodView): boolean {
  const state = classifyPod(pod);
  return state === 'ready' || state === 'pending';
}

async function readPod(
  kubernetes: Dependencies['kubernetes'],
  { namespace, name, uid }: PodView,
): Promise<PodView | undefined> {
  const live = await kubernetes.getPod(namespace, name);
  return live?.uid === uid ? live : undefined;
}
