// What do the caches say of claims and nodes, in numbers? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { ALL_REASONS } from '../api/conditions.ts';
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

/** By reason: for how long the claim has not been ready that has waited longest. Those under deletion aside. */
export function findLongestNotReady(
  claims: DynamicVolumeClaim[],
  nowMs: number,
): Sample<'dynvol_claim_not_ready_max_age_seconds'>[] {
  const ages = new Map<string, number>();
  for (const claim of claims) {
    const ready = readReady(claim);
    if (ready.status === 'True' || claim.metadata.deletionTimestamp !== undefined) continue;
    const age = ageSeconds(ready.since, nowMs);
    ages.set(ready.reason, Math.max(age, ages.get(ready.reason) ?? 0));
  }
  return [...ages].map(([reason, value]) => ({ labels: { reason }, value }));
}

/** Seconds since the oldest deletion that is not done; 0 when there is none. */
export function findLongestDeletion(claims: DynamicVolumeClaim[], nowMs: number): number {
  const since = claims.flatMap(({ metadata }) => metadata.deletionTimestamp ?? []);
  return since.reduce((oldest, time) => Math.max(oldest, ageSeconds(time, nowMs)), 0);
}

/** Clocks differ: nothing is younger than now. */
function ageSeconds(time: string, nowMs: number): number {
  return Math.max(0, (nowMs - Date.parse(time)) / 1_000);
}

/**
 * Nodes on which something of ours must happen, and nobody can do it: nodes of running pods that have a volume root,
 * less those whose agent is ready.
 *
 * @param own pods of our own namespace
 */
export function countNodesWithoutAgent(pods: PodView[], own: PodView[]): number {
  const needed = pods.filter((pod) => pod.volumeRoot !== undefined && pod.phase === 'Running');
  const agents = own.filter(
    (pod) => pod.labels[COMPONENT_LABEL] === COMPONENTS.agent && pod.ready && isStaying(pod),
  );
  const served = new Set(agents.flatMap(({ nodeName }) => nodeName ?? []));
  const nodes = new Set(needed.filter(isStaying).flatMap(({ nodeName }) => nodeName ?? []));
  return [...nodes].filter((node) => !served.has(node)).length;
}
