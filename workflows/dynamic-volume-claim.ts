// How does one claim live, from its first sight to its end? (the workflow; one for each claim)
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Failure, Observation, ObservedClaim } from '../activities/contract.ts';
import { applyPlan } from './apply.ts';
import { cleanUp, leaveToAudit } from './clean-up.ts';
import { listFailures } from './failures.ts';
import { answerMessages } from './handlers.ts';
import { buildLife, show } from './life.ts';
import type { ClaimInput, Life } from './life.ts';
import { look } from './look.ts';
import { planClaim } from './plan.ts';
import type { Outcomes } from './plan.ts';
import { buildLifeStatus, report } from './report.ts';
import { mayShowInterim } from './status.ts';
import { waitForWork } from './waiting.ts';

/** Rounds of planning after one look: attach, then take away what was replaced. */
const MAX_PASSES = 3;

/**
 * Looks after one claim: attach where it shall be, report, and when it is deleted take everything away
 * and release its object. It ends only then. Cancelling it never takes a mount away: the next look at
 * the claim starts it again.
 *
 * @throws ApplicationFailure the object vanished and nobody deleted it; see {@link leaveToAudit}
 */
export async function dynamicVolumeClaimWorkflow(input: ClaimInput): Promise<void> {
  const life = buildLife(input);
  answerMessages(life);
  const last = await serve(life);
  leaveToAudit(life, last);
  await CancellationScope.nonCancellable(() => cleanUp(life, last));
}

/** Serves until the claim is deleted; returns the look that showed it. */
async function serve(life: Life): Promise<Observation> {
  for (;;) {
    life.intent.dirty = false;
    const observed = await look(life);
    if (observed.gone || observed.deleting) return observed;
    if (isOutdated(life, observed)) continue;
    const failures = await serveOnce(life, observed);
    await waitForWork(life, failures);
  }
}

/** Has a message told of a newer claim while the look was under way? Nobody interrupts a round for that again. */
function isOutdated({ intent }: Life, observed: ObservedClaim): boolean {
  return intent.dirty && (intent.deleting || intent.generation > observed.generation);
}

/** One round: plan and apply until there is nothing left to do, then report. Returns what failed. */
async function serveOnce(life: Life, observed: ObservedClaim): Promise<Failure[]> {
  const { claim, state } = life;
  const { mounts, steering } = state;
  const outcomes: Outcomes = {};
  const interim = buildLifeStatus(life, observed, outcomes);
  show(life, { status: interim, next: { kind: 'work' } });
  const showInterim = mayShowInterim(state.written, interim);
  const finished = await interruptibly(life, async () => {
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      const nowMs = Date.now();
      const plan = planClaim({ claim, observed, mounts, outcomes, steering, nowMs });
      if (plan.attach.length + plan.detach.length === 0) return;
      await applyPlan(plan, { state, outcomes, ...(showInterim ? { interim } : {}) });
    }
  });
  // A newer claim makes this outcome old news; the next round starts at once.
  if (!finished) return [];
  await report(life, observed, outcomes);
  return listFailures(observed, outcomes, state);
}

/** Runs a round that a deletion, a new generation or a command may stop. Answers whether it ran to its end. */
async function interruptibly(life: Life, round: () => Promise<void>): Promise<boolean> {
  const scope = new CancellationScope();
  life.intent.interrupt = () => scope.cancel();
  try {
    await scope.run(round);
    return true;
  } catch (error) {
    const wasWorkflowCancelled = CancellationScope.current().consideredCancelled;
    if (!isCancellation(error) || wasWorkflowCancelled) throw error;
    return false;
  } finally {
    delete life.intent.interrupt;
  }
}
