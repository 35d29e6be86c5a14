// How is one target taken away, under which locks, and by force only after what?
import type { DetachTarget, TargetResult } from '../api/node-agent.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { isLastShown, removeAttached, takeByForce, takePlainly } from './detach.ts';
import { podLock, sourceLock } from './locks.ts';
import { observeMounts } from './mountinfo.ts';
import { ensureSourceFlushed, type FlushOptions } from './release.ts';
import { ProcessError, settle } from './target-result.ts';

/** Takes a target away, plainly if that is possible; the rung that was needed is told. */
export function detachTarget(
  { locks, log }: AgentDependencies,
  target: DetachTarget,
  flush: FlushOptions,
): Promise<TargetResult> {
  const { podUid, sourceKey } = target;
  const removePlainly = () => locks.run(podLock(podUid), () => removeAttached(target, takePlainly));
  /** Under the source's lock: nobody may clone it between the last look and the abort. */
  const removeByForce = () =>
    locks.run(sourceLock(sourceKey), async () => {
      // The abort ends the source for rclone, with all that is not uploaded.
      if (isLastShown(observeMounts(), target)) await ensureSourceFlushed(sourceKey, flush);
      return locks.run(podLock(podUid), () => removeAttached(target, takeByForce));
    });
  return settle(log, target, async () => {
    try {
      return { rung: await removePlainly() };
    } catch (error) {
      if (!target.force || !(error instanceof ProcessError)) throw error;
      return { rung: await removeByForce() };
    }
  });
}
