// When is a source let go that no pod shows any more?
import type { MountPodRef } from '../api/node-agent.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { ensureFlushed } from './flush.ts';
import { sourceLock } from './locks.ts';
import { observeMounts } from './mountinfo.ts';
import type { ServedSources } from './served-sources.ts';
import { removeSource } from './source.ts';
import { findStagedSources, findUsedSources } from './stage.ts';

/** What happens to writes that are acknowledged and not in the bucket yet. */
export interface FlushOptions {
  /** Mount pods that may serve the source. */
  mountPods: MountPodRef[];
  discardWrites: boolean;
  signal: AbortSignal;
}

/**
 * Waits until every acknowledged write of a source is in the bucket. One that is not mounted has none.
 *
 * @throws VolumeError `FLUSHING` uploads are pending
 */
export async function ensureSourceFlushed(
  served: ServedSources,
  sourceKey: string,
  options: FlushOptions,
): Promise<void> {
  const { mountPods, discardWrites, signal } = options;
  if (discardWrites || !findStagedSources(observeMounts()).has(sourceKey)) return;
  await ensureFlushed(served, { sourceKey, mountPods, signal });
}

/**
 * Releases a source unless a pod shows it: under its lock, so that nobody can write to it meanwhile.
 *
 * @throws VolumeError `FLUSHING` uploads are pending; it is kept
 */
export function releaseSource(
  { locks, served }: Pick<AgentDependencies, 'locks' | 'served'>,
  sourceKey: string,
  options: FlushOptions,
): Promise<void> {
  return locks.run(sourceLock(sourceKey), async () => {
    if (findUsedSources(observeMounts()).has(sourceKey)) return;
    await ensureSourceFlushed(served, sourceKey, options);
    removeSource(served, sourceKey);
  });
}
