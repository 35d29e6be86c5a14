// What do the caches say of claims and nodes, in numbers? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { ALL_REASONS, EXCUSED_REASONS } from '../api/conditions.ts';
import { COMPONENT_LABEL, COMPONENTS } from '../api/names.ts';
import type { Sample } from '../metrics/registry.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isStaying } from '../watch/pod-state.ts';

/** Before the first look a claim has no condition. */
const UNKNOWN = 'Unknown';

/** Whoever may write a status could invent reasons, and each would be a series for ever: only ours are told. */
function readReady({ metadata, status }: DynamicVolumeClaim) {
  const found = status?.conditions?.find(({ type }) => type === 'Ready');
  if (found === undefined)
    return { status: 'False', reason: UNKNOWN, since: metadata.creationTimestamp };
  const reason = ALL_REASONS.includes(found.reason) ? found.reason : UNKNOWN;
  return { status: found.status, reason, since: found.lastTransitionTime };
}

/** Claims by their condition Ready. */
export function countClaims(claims: DynamicVolumeClaim[]): Sample<'dynvol_claims'>[] {
  const conditions = claims.map(readReady);
  const groups = Map.groupBy(conditions, ({ status, reason }) => `${status} ${reason}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return { labels: { ready: first.status, reason: first.reason }, value: group.length };
  });
}

/**
 * Notes which claims are not ready for a reason that nobody has to mend. The condition does not tell since when it has its
 * reason: a claim that has been detached for a week and is attached again would be a week late.
 *
 * @param before what this gave the last time
 * @returns by UID of claims that are still there, when that was last so (ms)
 */
export function noteExcused(
  claims: DynamicVolumeClaim[],
  nowMs: number,
  before: ReadonlyMap<string, number>,
): Map<string, number> {
  const noted = claims.flatMap((claim): [string, number][] => {
    const { uid } = claim.metadata;
    const atMs = isExcused(readReady(claim).reason) ? nowMs : before.get(uid);
    return atMs === undefined ? [] : [[uid, atMs]];
  });
  return new Map(noted);
}

function isExcused(reason: string): boolean {
  return EXCUSED_REASONS.includes(reason);
}

/**
 * By reason: for how long the claim has not been ready that has waited longest. Those under deletion aside.
 *
 * @param excused of `noteExcused`: from then on the time counts of claims that somebody has to mend
 */
export function findLongestNotReady(
  claims: DynamicVolumeClaim[],
  nowMs: number,
  excused: ReadonlyMap<string, number>,
): Sample<'dynvol_claim_not_ready_max_age_seconds'>[] {
  const ages = new Map<string, number>();
  for (const claim of claims) {
    const ready = readReady(claim);
    if (ready.status === 'True' || claim.metadata.deletionTimestamp !== undefined) continue;
    const excusedMs = isExcused(ready.reason) ? 0 : (excused.get(claim.metadata.uid) ?? 0);
    const age = ageSeconds(Math.max(Date.parse(ready.since), excusedMs), nowMs);
    ages.set(ready.reason, Math.max(age, ages.get(ready.reason) ?? 0));
  }
  return [...ages].map(([reason, value]) => ({ labels: { reason }, value }));
}

/** Seconds since the oldest deletion that is not done; 0 when there is none. */
export function findLongestDeletion(claims: DynamicVolumeClaim[], nowMs: number): number {
  const since = claims.flatMap(({ metadata }) => metadata.deletionTimestamp ?? []);
  return since.reduce((oldest, time) => Math.max(oldest, ageSeconds(Date.parse(time), nowMs)), 0);
}

/** Clocks differ: nothing is younger than now. */
function ageSeconds(sinceMs: number, nowMs: number): number {
  return Math.max(0, (nowMs - sinceMs) / 1_000);
}

/**
 * Nodes on which something of ours must happen, and nobody can do it: nodes of pods that have a volume root, less those whose
 * agent is ready. Pods that have not started count: without an agent they never do.
 *
 * @param own pods of our own namespace
 */
export function countNodesWithoutAgent(pods: PodView[], own: PodView[]): number {
  const needed = pods.filter((pod) => pod.volumeRoot !== undefined && isStaying(pod));
  const agents = own.filter(
    (pod) => pod.labels[COMPONENT_LABEL] === COMPONENTS.agent && pod.ready && isStaying(pod),
  );
  const served = new Set(agents.flatMap(({ nodeName }) => nodeName ?? []));
  const nodes = new Set(needed.flatMap(({ nodeName }) => nodeName ?? []));
  return [...nodes].filter((node) => !served.has(node)).length;
}
