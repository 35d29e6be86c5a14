// What do the nodes' agents say is mounted there, all of them at once?
import { COMPONENT_LABEL, COMPONENTS, MOUNT_NAMESPACE } from '../api/names.ts';
import type { ListResponse } from '../api/node-agent.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import type { Attempt, Dependencies } from './dependencies.ts';

/** Milliseconds for an agent to answer; the audit comes again. */
const LIST_DEADLINE_MS = 10_000;

export interface NodeTables {
  /** By node that answered. */
  tables: Map<string, ListResponse>;
  unreachableNodes: string[];
}

/** Our mount pods, warm ones included. */
export function listAllMountPods(view: Pick<ClusterView, 'podsIn'>): PodView[] {
  return view
    .podsIn(MOUNT_NAMESPACE)
    .filter((pod) => pod.labels[COMPONENT_LABEL] === COMPONENTS.mountPod);
}

/**
 * Asks the agents of all nodes that have one, or that have a mount pod.
 *
 * @throws the reason of the attempt's signal when it is cancelled
 */
export async function listNodeTables(
  { view, agents }: Pick<Dependencies, 'view' | 'agents'>,
  attempt: Attempt,
): Promise<NodeTables> {
  const mountPods = listAllMountPods(view);
  const nodes = new Set([
    ...view.agentNodes(),
    ...mountPods.flatMap((mountPod) => mountPod.nodeName ?? []),
  ]);
  const tables = new Map<string, ListResponse>();
  const unreachableNodes: string[] = [];
  await Promise.all(
    [...nodes].map(async (node) => {
      const mountPodUids = mountPods.filter((pod) => pod.nodeName === node).map((pod) => pod.uid);
      const how = { signal: attempt.signal, deadlineMs: LIST_DEADLINE_MS };
      try {
        tables.set(node, await agents.list(node, { mountPodUids }, how));
      } catch (error) {
        attempt.signal.throwIfAborted();
        attempt.warn('Node could not be audited', { node, error: String(error) });
        unreachableNodes.push(node);
      }
    }),
  );
  return { tables, unreachableNodes: unreachableNodes.sort() };
}
