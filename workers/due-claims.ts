// Which claims have waited so long for their workflow that it may never have heard of their change? (pure but for its memory)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { matchesPod } from '../watch/claim-match.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import { isStaying } from '../watch/pod-state.ts';

/** A workflow that is well has written a status, or asked for the end of a claim, long before. */
const PATIENCE_MS = 60_000;
/** What takes longer, as a mount in use does, is looked at ever more seldom. */
const MAX_PATIENCE_MS = 3_600_000;

interface Due {
  /** What it waits for: a change after this one begins anew. */
  change: string;
  atMs: number;
  patienceMs: number;
}

/** Remembers since when each claim waits. */
export class DueClaims {
  #known = new Map<string, Due>();

  /** Claims that wait for longer than they should, each now and then. Forgets those that do not wait any more. */
  list(view: Pick<ClusterView, 'claims' | 'podsIn'>, nowMs: number): DynamicVolumeClaim[] {
    const byNamespace = Map.groupBy(view.claims(), ({ metadata }) => metadata.namespace);
    const waiting = [...byNamespace].flatMap(([namespace, claims]) => {
      const pods = view.podsIn(namespace).filter(isStaying);
      return claims.flatMap((claim) => {
        const change = readAwaitedChange(claim, pods);
        return change === undefined ? [] : [{ claim, due: this.#recall(claim, change, nowMs) }];
      });
    });
    this.#known = new Map(waiting.map(({ claim, due }) => [claim.metadata.uid, due]));
    const due = waiting.filter((one) => one.due.atMs <= nowMs);
    for (const one of due) postpone(one.due, nowMs);
    return due.map(({ claim }) => claim);
  }

  #recall({ metadata }: DynamicVolumeClaim, change: string, nowMs: number): Due {
    const known = this.#known.get(metadata.uid);
    if (known?.change === change) return known;
    return { change, atMs: nowMs + PATIENCE_MS, patienceMs: PATIENCE_MS };
  }
}

function postpone(due: Due, nowMs: number): void {
  due.patienceMs = Math.min(2 * due.patienceMs, MAX_PATIENCE_MS);
  due.atMs = nowMs + due.patienceMs;
}

/** What the claim's workflow has not acted on yet; undefined when it has. */
function readAwaitedChange(
  claim: DynamicVolumeClaim,
  stayingPods: readonly PodView[],
): string | undefined {
  const { metadata, status } = claim;
  if (metadata.deletionTimestamp !== undefined) return 'deletion';
  if (status?.observedGeneration !== metadata.generation) return `edit ${metadata.generation}`;
  const pods = stayingPods.filter((pod) => matchesPod(claim, pod));
  if (pods.length !== status.matched) return `pods ${describePods(pods)}`;
  const pending = new Set(
    status.pods?.filter(({ state }) => state === 'Pending').map(({ uid }) => uid),
  );
  const started = pods.filter((pod) => pod.sandboxReady && pending.has(pod.uid));
  return started.length === 0 ? undefined : `started ${describePods(started)}`;
}

function describePods(pods: readonly PodView[]): string {
  return pods.map(({ uid }) => uid).join();
}
