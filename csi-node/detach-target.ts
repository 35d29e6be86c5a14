// How is one target taken away, under which locks, and by force only after what?
import type { DetachTarget, TargetResult } from '../api/node-agent.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { isLastShown, removeAttached, type Take, takeByForce, takePlainly } from './detach.ts';
import { podLock, sourceLock } from './locks.ts';
import { observeMounts } from './mountinfo.ts';
import { ensureSourceFlushed, type FlushOptions } from './release.ts';
import { ProcessError, settle } from './target-result.ts';

/** Takes a target away, plainly if that is possible; the rung that was needed is told. */
export function detachTarget(
  { locks, owners, served, log }: AgentDependencies,
  target: DetachTarget & { claimUid: string },
  flush: FlushOptions,
): Promise<TargetResult> {
  const { podUid, sourceKey, claimUid } = target;
  const remove = (take: Take) =>
    locks.run(podLock(podUid), async () => {
      if (owners.isForeign(target, claimUid)) return '';
      const rung = await removeAttached(target, take);
      if (rung !== '') owners.forget(target);
      return rung;
    });
  /** Under the source's lock: nobody may clone it between the last look and the abort. */
  const removeByForce = () =>
    locks.run(sourceLock(sourceKey), async () => {
      // The abort ends the source for rclone, with all that is not uploaded.
      if (isLastShown(observeMounts(), target)) await ensureSourceFlushed(served, sourceKey, flush);
      return remove(takeByForce);
    });
  return settle(log, target, async () => {
    try {
      return { rung: await remove(takePlainly) };
    } catch (error) {
      if (!target.force || !(error instanceof ProcessError)) throw error;
      return { rung: await removeByForce() };
    }
  });
}
