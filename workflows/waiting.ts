// How long does a claim's workflow wait, and when does it start a new history?
import { condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Failure } from '../activities/contract.ts';
import { buildBackOffMs } from './back-off.ts';
import { findGraceRestMs } from './grace.ts';
import { show } from './life.ts';
import type { ClaimInput, Life } from './life.ts';
import type { NextStep } from './progress.ts';

/**
 * A history longer than this is cut while nothing is going on. The server suggests it only at 4096
 * events, when each worker that takes over has to replay all of them.
 */
const SETTLED_HISTORY_EVENTS = 1_000;

/** Waits for a message, and after a failure at most until the next try. An idle claim has no timer. */
export async function waitForWork(life: Life, failures: Failure[]): Promise<void> {
  const { intent, state } = life;
  state.failedRounds = failures.length === 0 ? 0 : state.failedRounds + 1;
  await continueAsNewIfLong(life);
  if (intent.dirty) return;
  if (failures.length === 0) {
    show(life, { next: { kind: 'idle' } });
    return condition(() => intent.dirty);
  }
  const nowMs = Date.now();
  const next = planRetry(life, failures, nowMs);
  show(life, { next });
  const summary = next.forces ? 'until the grace is over' : 'until the next try';
  await condition(() => intent.dirty, next.atMs - nowMs, { summary });
}

function planRetry(
  { state }: Life,
  failures: Failure[],
  nowMs: number,
): NextStep & { kind: 'retry' } {
  const backOffMs = buildBackOffMs(failures, state.failedRounds);
  const graceRestMs = findGraceRestMs(state.mounts, state.steering, nowMs);
  const waitMs = Math.min(backOffMs, graceRestMs);
  return { kind: 'retry', atMs: nowMs + waitMs, forces: graceRestMs <= backOffMs };
}

/** What the messages told goes along; the next run looks again in any case. */
async function continueAsNewIfLong({ claim, state, intent }: Life): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isSettledAndLong = !intent.dirty && historyLength >= SETTLED_HISTORY_EVENTS;
  if (!continueAsNewSuggested && !isSettledAndLong) return;
  state.generation = intent.generation;
  const { deleting } = intent;
  await continueAsNew<(input: ClaimInput) => Promise<void>>({ ...claim, state, deleting });
}
