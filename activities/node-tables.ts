// What do the nodes' agents say is mounted there, all of them at once?
import { COMPONENT_LABEL, COMPONENTS, MOUNT_NAMESPACE } from '../api/names.ts';
import { VolumeError } from '../api/errors.ts';
import type { ListRequest, ListResponse } from '../api/node-agent.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import type { Dependencies } from './dependencies.ts';

/** Milliseconds for one agent; it only reads its mount table. */
const LIST_DEADLINE_MS = 10_000;

/** Agents that are asked at the same time. */
const CONCURRENCY = 32;

/** Milliseconds after which no further agent is asked: whoever asks has 30 s in all. */
const ASK_WITHIN_MS = 15_000;

export interface NodeTables {
  /** By node that answered. */
  tables: Map<string, ListResponse>;
  /** Why each of the other nodes did not answer. */
  silent: Map<string, unknown>;
}

/** Our mount pods, warm ones included. */
export function listAllMountPods(view: Pick<ClusterView, 'podsIn'>): PodView[] {
  return view
    .podsIn(MOUNT_NAMESPACE)
    .filter((pod) => pod.labels[COMPONENT_LABEL] === COMPONENTS.mountPod);
}

/**
 * Asks agents what is mounted, 32 at a time.
 *
 * @param requests by node
 * @throws the signal's reason when it is aborted
 */
export async function listNodeTables(
  { agents }: Pick<Dependencies, 'agents'>,
  requests: ReadonlyMap<string, ListRequest>,
  signal: AbortSignal,
): Promise<NodeTables> {
  const answer: NodeTables = { tables: new Map(), silent: new Map() };
  const startedMs = performance.now();
  const ask = async (node: string, request: ListRequest) => {
    try {
      if (performance.now() - startedMs > ASK_WITHIN_MS) throw notAsked(node);
      const how = { signal, deadlineMs: LIST_DEADLINE_MS };
      answer.tables.set(node, await agents.list(node, request, how));
    } catch (error) {
      signal.throwIfAborted();
      answer.silent.set(node, error);
    }
  };
  // One iterator for all: each takes the next node when it has done with its last one.
  const queue = requests.entries();
  const work = async () => {
    for (const [node, request] of queue) await ask(node, request);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return answer;
}

function notAsked(node: string): VolumeError {
  return new VolumeError(
    'AGENT_UNREACHABLE',
    `The node agent of node ${node} was not asked, because others did not answer in time`,
  );
}
