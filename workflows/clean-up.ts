// How does a claim end?
import { ApplicationFailure, patched } from '@temporalio/workflow';
import type { ClaimEvent, Failure, Observation } from '../activities/contract.ts';
import { patiently, persist, promptly } from './activity-options.ts';
import { applyPlan } from './apply.ts';
import { buildUnsearchedFailure } from './conditions.ts';
import { show } from './life.ts';
import type { Life } from './life.ts';
import { searchLeftMounts } from './look.ts';
import { planCleanUp } from './plan.ts';
import type { Outcomes } from './plan.ts';
import { report, setSearchValues } from './report.ts';
import { buildDetachingValues } from './search-values.ts';
import { waitForWork } from './waiting.ts';

const DETACHED: ClaimEvent = {
  type: 'Normal',
  reason: 'Detached',
  message: 'Taken away from every pod',
};

/**
 * Our finalizer keeps an object that is deleted, so one that is gone without was lost, as when etcd is restored from a
 * backup, or somebody took the finalizer off. One claim cannot know how many others have gone with it: its mounts are
 * orphans for the drift audit, which removes few of them and raises an alarm at many. The workflow fails, so that it
 * starts again if the object comes back.
 *
 * @throws ApplicationFailure something may be mounted of a claim that vanished
 */
export function leaveToAudit({ claim, state, intent }: Life, last: Observation): void {
  const isMounted = Object.keys(state.mounts).length + (state.unsearchedNodes?.length ?? 0) > 0;
  if (!last.gone || intent.wasDeleted || !isMounted || !patched('5-vanished-claim')) return;
  throw ApplicationFailure.nonRetryable(
    `DynamicVolumeClaim ${claim.namespace}/${claim.name} is gone, and nobody was seen to delete it; what is mounted of it is left to the drift audit, which takes it away within minutes unless much has vanished at once`,
    'ClaimVanished',
  );
}

/**
 * Takes everything away, however long it takes, then releases the claim's object. What a former workflow
 * may have left on a node that does not answer is waited for, unless that node is gone.
 *
 * @param last the look that showed the deletion
 */
export async function cleanUp(life: Life, last: Observation): Promise<void> {
  const { claim, state, intent } = life;
  intent.deleting = true;
  setSearchValues(life, buildDetachingValues(state.search));
  let wasMounted = false;
  for (;;) {
    intent.dirty = false;
    wasMounted ||= Object.keys(state.mounts).length > 0;
    const failures = await cleanUpOnce(life, last);
    if (Object.keys(state.mounts).length === 0 && failures.length === 0) break;
    await waitForWork(life, failures);
    if (state.unsearchedNodes?.length) await searchLeftMounts(life);
  }
  const request = { claim, ...(wasMounted && !last.gone ? { event: DETACHED } : {}) };
  await persist(
    () => promptly.releaseClaim(request),
    () => patiently.releaseClaim(request),
  );
}

/** One round over all that may be mounted. Returns what failed. */
async function cleanUpOnce(life: Life, last: Observation): Promise<Failure[]> {
  const { claim, state } = life;
  const { mounts, steering, unsearchedNodes = [] } = state;
  const outcomes: Outcomes = {};
  const observed = last.gone ? { generation: state.generation } : last;
  show(life, { next: { kind: 'cleanUp' } });
  const plan = planCleanUp({ claim, observed, mounts, outcomes, steering, nowMs: Date.now() });
  await applyPlan(plan, { state, outcomes });
  const failures = Object.values(outcomes).filter((outcome) => typeof outcome === 'object');
  if (unsearchedNodes.length > 0) failures.push(buildUnsearchedFailure(unsearchedNodes));
  if (failures.length > 0 && !last.gone) await report(life, last, outcomes);
  return failures;
}
