// How does one claim live, from its first sight to its end? (the workflow; one for each claim)
import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ClaimEvent,
  ClaimIdentity,
  ClaimStatusDraft,
  Failure,
  Observation,
  ObservedClaim,
} from '../activities/contract.ts';
import { patiently, promptly } from './activity-options.ts';
import { applyPlan } from './apply.ts';
import { buildBackOffMs } from './back-off.ts';
import { buildIntent, noteSignal } from './intent.ts';
import type { Intent } from './intent.ts';
import { reconcileSignal, statusQuery } from './messages.ts';
import { planClaim, planCleanUp } from './plan.ts';
import type { Outcomes } from './plan.ts';
import { buildCurrentDetails } from './progress.ts';
import { buildFreshState, noteObservedPods } from './state.ts';
import type { ClaimState } from './state.ts';
import { buildReadyEvent, buildStatus, isNews, mayShowInterim, readReady } from './status.ts';

/** Input of the workflow; what is optional comes only from continue-as-new. */
export interface ClaimInput extends ClaimIdentity {
  state?: ClaimState;
  deleting?: boolean;
}

/** What one claim's loop carries along. */
interface Life {
  claim: ClaimIdentity;
  state: ClaimState;
  intent: Intent;
  /** This workflow has no memory of what a former one of the claim may have mounted. */
  stateless: boolean;
}

/** Rounds of planning after one look: attach, then take away what was replaced. */
const MAX_PASSES = 3;

/**
 * A history longer than this is cut while nothing is going on. The server suggests it only at 4096
 * events, when each worker that takes over has to replay all of them.
 */
const SETTLED_HISTORY_EVENTS = 1_000;

/**
 * Looks after one claim: attach where it shall be, report, and when it is deleted take everything away
 * and release its object. It ends only then. Cancelling it never takes a mount away: the next look at
 * the claim starts it again.
 */
export async function dynamicVolumeClaimWorkflow(input: ClaimInput): Promise<void> {
  const { namespace, name, uid } = input;
  const state = input.state ?? buildFreshState();
  const life: Life = {
    claim: { namespace, name, uid },
    state,
    intent: buildIntent(state.generation, input.deleting ?? false),
    stateless: input.state === undefined,
  };
  setHandler(reconcileSignal, (signal) => noteSignal(life.intent, signal));
  setHandler(statusQuery, () => ({
    generation: state.generation,
    deleting: life.intent.deleting,
    mounts: state.mounts,
    ...(state.written ? { status: state.written } : {}),
  }));

  const last = await serve(life);
  await CancellationScope.nonCancellable(() => cleanUp(life, last));
}

/** Serves until the claim is deleted; returns the look that showed it. */
async function serve(life: Life): Promise<Observation> {
  for (;;) {
    life.intent.dirty = false;
    const observed = await observe(life);
    if (observed.gone || observed.deleting) return observed;
    const failures = await serveOnce(life, observed);
    await waitForWork(life, failures);
  }
}

async function observe(life: Life): Promise<Observation> {
  const { claim, state, intent, stateless } = life;
  const tracked = Object.entries(state.mounts).map(([uid, { podName }]) => ({
    uid,
    name: podName,
  }));
  const { generation, deleting } = intent;
  const request = { claim, generation, deleting, tracked, stateless };
  const observed = await persist(
    () => promptly.observeClaim(request),
    () => patiently.observeClaim(request),
  );
  if (observed.gone) return observed;
  intent.generation = Math.max(intent.generation, observed.generation);
  if (state.generation !== observed.generation) state.failedRounds = 0;
  state.generation = observed.generation;
  noteObservedPods(state, observed.mountpoint, observed.pods);
  life.stateless = false;
  return observed;
}

/** One round: plan and apply until there is nothing left to do, then report. Returns what failed. */
async function serveOnce(life: Life, observed: ObservedClaim): Promise<Failure[]> {
  const { claim, state } = life;
  const outcomes: Outcomes = {};
  const interim = buildStatus({ claim, observed, mounts: state.mounts, outcomes });
  setCurrentDetails(buildCurrentDetails(interim));
  const showInterim = mayShowInterim(state.written, interim);
  const finished = await interruptibly(life, async () => {
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      const plan = planClaim({ claim, observed, mounts: state.mounts, outcomes });
      if (plan.attach.length + plan.detach.length === 0) return;
      await applyPlan(plan, { state, outcomes, ...(showInterim ? { interim } : {}) });
    }
  });
  // A newer claim makes this outcome old news; the next round starts at once.
  if (!finished) return [];
  await report(life, observed, outcomes);
  return listFailures(observed, outcomes);
}

/** Runs a round that a deletion or a new generation may stop. Answers whether it ran to its end. */
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

function listFailures(observed: ObservedClaim, outcomes: Outcomes): Failure[] {
  const ofPods = observed.pods.flatMap((pod) => pod.failure ?? []);
  const ofRound = Object.values(outcomes).filter((outcome) => typeof outcome === 'object');
  return [...(observed.failure ? [observed.failure] : []), ...ofPods, ...ofRound];
}

/** Writes the status if it says anything new. */
async function report(life: Life, observed: ObservedClaim, outcomes: Outcomes): Promise<void> {
  const { claim, state } = life;
  const status = buildStatus({ claim, observed, mounts: state.mounts, outcomes });
  setCurrentDetails(buildCurrentDetails(status));
  if (!isNews(state.written, status)) return;
  const notInjected = observed.pods
    .filter((pod) => pod.state === 'notInjected' && !state.toldNotInjected.includes(pod.uid))
    .map(({ uid, name }) => ({ uid, name }));
  await writeStatus(life, status, notInjected);
  state.toldNotInjected.push(...notInjected.map((pod) => pod.uid));
}

async function writeStatus(
  life: Life,
  status: ClaimStatusDraft,
  notInjected: { uid: string; name: string }[],
): Promise<void> {
  const { claim, state } = life;
  const event = buildReadyEvent(state.toldReason, status);
  const request = { claim, status, notInjected, ...(event ? { event } : {}) };
  await persist(
    () => promptly.writeStatus(request),
    () => patiently.writeStatus(request),
  );
  state.written = status;
  state.toldReason = readReady(status)?.reason ?? '';
}

/** Waits for a signal, and after a failure at most for the back-off. An idle claim has no timer. */
async function waitForWork(life: Life, failures: Failure[]): Promise<void> {
  const { intent, state } = life;
  state.failedRounds = failures.length === 0 ? 0 : state.failedRounds + 1;
  await continueAsNewIfLong(life);
  if (intent.dirty) return;
  if (failures.length === 0) return condition(() => intent.dirty);
  await condition(() => intent.dirty, buildBackOffMs(failures, state.failedRounds));
}

/** What the signals told goes along; the next run looks again in any case. */
async function continueAsNewIfLong({ claim, state, intent }: Life): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isSettledAndLong = !intent.dirty && historyLength >= SETTLED_HISTORY_EVENTS;
  if (!continueAsNewSuggested && !isSettledAndLong) return;
  state.generation = intent.generation;
  const { deleting } = intent;
  await continueAsNew<typeof dynamicVolumeClaimWorkflow>({ ...claim, state, deleting });
}

/** Takes everything away, however long it takes, then releases the claim's object. */
async function cleanUp(life: Life, last: Observation): Promise<void> {
  const { claim, state, intent } = life;
  intent.deleting = true;
  const wasMounted = Object.keys(state.mounts).length > 0;
  for (;;) {
    intent.dirty = false;
    const outcomes: Outcomes = {};
    const observed = last.gone ? { generation: state.generation } : last;
    await applyPlan(planCleanUp({ claim, observed, mounts: state.mounts, outcomes }), {
      state,
      outcomes,
    });
    if (Object.keys(state.mounts).length === 0) break;
    if (!last.gone) await report(life, last, outcomes);
    await waitForWork(
      life,
      Object.values(outcomes).filter((one) => typeof one === 'object'),
    );
  }
  const event: ClaimEvent = {
    type: 'Normal',
    reason: 'Detached',
    message: 'Taken away from every pod',
  };
  const request = { claim, ...(wasMounted && !last.gone ? { event } : {}) };
  await persist(
    () => promptly.releaseClaim(request),
    () => patiently.releaseClaim(request),
  );
}

/** Tries inside the workflow task, and when that fails leaves the retries to the server. */
async function persist<T>(prompt: () => Promise<T>, patient: () => Promise<T>): Promise<T> {
  try {
    return await prompt();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return await patient();
  }
}
