// What have the mounts of this node done, as their storage clients tell?
import type { StatisticsResponse } from '../api/node-agent.ts';
import { Slots } from '../api/slots.ts';
import { callMountPod } from './mount-pod.ts';
import {
  parseCache,
  parseFileSystems,
  parseTotals,
  type CacheStatistics,
} from './parse-statistics.ts';

/** For all questions to one storage client; a throttled one takes a while for each. */
const DEADLINE_MS = 2_000;
/** Sources that one storage client is asked about at a time: it serves its mounts with the same CPU. */
const MAX_SOURCES_AT_ONCE = 8;

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

async function keepAnswers<T>(asked: Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(asked);
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

async function observeClient(
  mountPodUid: string,
  mounted: Set<string>,
  call: typeof callMountPod,
): Promise<Told> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const ask: Ask = (command, parameters = {}) => call(mountPodUid, { command, parameters, signal });
  const [totals, list] = await Promise.all([ask('core/stats'), ask('vfs/list')]);
  const { transferredBytes, errors, openFiles } = parseTotals(totals);
  const served = [...parseFileSystems(list)].filter(([sourceKey]) => mounted.has(sourceKey));
  const slots = new Slots(MAX_SOURCES_AT_ONCE);
  const observeSource = async (sourceKey: string, fileSystem: string) => {
    const cache = await slots.run(() => observeCache(ask, fileSystem));
    return { sourceKey, mountPodUid, openFiles: openFiles.get(sourceKey) ?? 0, ...cache };
  };
  const sources = await keepAnswers(served.map((source) => observeSource(...source)));
  return { sources, mountPods: [{ mountPodUid, transferredBytes, errors }] };
}

/**
 * Asks the storage clients of mount pods, all at once. They read nothing of the storage for it. One that does not
 * answer within 2 s, or with something else than counts, is left out; so is one source, without the others.
 *
 * @param mounted source keys that are mounted on the node: a mount pod is not believed to serve any other
 */
export async function observeStatistics(
  mountPodUids: string[],
  mounted: Set<string>,
  call = callMountPod,
): Promise<Told> {
  const uids = [...new Set(mountPodUids)];
  const told = await keepAnswers(uids.map((uid) => observeClient(uid, mounted, call)));
  return {
    sources: told.flatMap(({ sources }) => sources),
    mountPods: told.flatMap(({ mountPods }) => mountPods),
  };
}
