// What have the mounts of this node done, as their storage clients tell?
import type { StatisticsResponse } from '../api/node-agent.ts';
import { callMountPod } from './mount-pod.ts';
import {
  parseCache,
  parseFileSystems,
  parseTotals,
  type CacheStatistics,
} from './parse-statistics.ts';

/** For all questions to one storage client; a throttled one takes a while for each. */
const DEADLINE_MS = 2_000;

/** Of one storage client. */
type Told = Pick<StatisticsResponse, 'sources' | 'mountPods'>;

type Ask = (command: string, parameters?: object) => Promise<unknown>;

/**
 * The queue is asked first: it tells whether there is a cache at all, and does not wait for listings that are under way
 * as `vfs/stats` does.
 */
async function observeCache(ask: Ask, fileSystem: string): Promise<CacheStatistics> {
  const { queue } = ((await ask('vfs/queue', { fs: fileSystem })) ?? {}) as { queue?: unknown };
  if (queue === undefined) return { cachedBytes: 0, pendingUploads: 0 };
  return parseCache(await ask('vfs/stats', { fs: fileSystem }));
}

async function observeClient(mountPodUid: string, mounted: Set<string>): Promise<Told> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const ask: Ask = (command, parameters = {}) =>
    callMountPod(mountPodUid, { command, parameters, signal });
  const [totals, list] = await Promise.all([ask('core/stats'), ask('vfs/list')]);
  const { transferredBytes, errors, openFiles } = parseTotals(totals);
  const served = [...parseFileSystems(list)].filter(([sourceKey]) => mounted.has(sourceKey));
  const sources = await Promise.all(
    served.map(async ([sourceKey, fileSystem]) => {
      const cache = await observeCache(ask, fileSystem);
      return { sourceKey, mountPodUid, openFiles: openFiles.get(sourceKey) ?? 0, ...cache };
    }),
  );
  return { sources, mountPods: [{ mountPodUid, transferredBytes, errors }] };
}

/**
 * Asks the storage clients of mount pods, all at once. They read nothing of the storage for it. One that does not
 * answer within 2 s, or with something else than counts, is left out.
 *
 * @param mounted source keys that are mounted on the node: a mount pod is not believed to serve any other
 */
export async function observeStatistics(
  mountPodUids: string[],
  mounted: Set<string>,
): Promise<Told> {
  const uids = [...new Set(mountPodUids)];
  const asked = await Promise.allSettled(uids.map((uid) => observeClient(uid, mounted)));
  const told = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return {
    sources: told.flatMap(({ sources }) => sources),
    mountPods: told.flatMap(({ mountPods }) => mountPods),
  };
}
