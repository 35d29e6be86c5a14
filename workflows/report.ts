// How does a claim's workflow tell what is?
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { ClaimStatusDraft, ObservedClaim } from '../activities/contract.ts';
import { patiently, persist, promptly } from './activity-options.ts';
import { show } from './life.ts';
import type { Life } from './life.ts';
import type { Outcomes } from './plan.ts';
import { SEARCH_KEYS } from './search-keys.ts';
import { buildSearchValues, isSameSearch } from './search-values.ts';
import type { SearchValues } from './search-values.ts';
import {
  buildReadyEvent,
  buildStatus,
  isNews,
  isOtherState,
  listNewFailures,
  readReady,
} from './status.ts';

/** Builds the status as the workflow sees it now. */
export function buildLifeStatus(
  { claim, state }: Life,
  observed: ObservedClaim,
  outcomes: Outcomes,
): ClaimStatusDraft {
  const { mounts, steering, unsearchedNodes = [] } = state;
  return buildStatus({ claim, observed, mounts, outcomes, steering, unsearchedNodes });
}

/** Shows what came of a round, and writes what is new of it. */
export async function report(
  life: Life,
  observed: ObservedClaim,
  outcomes: Outcomes,
): Promise<void> {
  const { state } = life;
  const status = buildLifeStatus(life, observed, outcomes);
  show(life, { status });
  if (!observed.deleting) setSearchValues(life, buildSearchValues(status));
  if (!isWorthWriting(life, status)) return;
  const notInjected = observed.pods
    .filter((pod) => pod.state === 'notInjected' && !state.toldNotInjected.includes(pod.uid))
    .map(({ uid, name }) => ({ uid, name }));
  await writeStatus(life, status, notInjected);
  state.toldNotInjected.push(...notInjected.map((pod) => pod.uid));
}

/** A replay by newer code must come to the same answer, so what the run before has written counts without its words. */
function isWorthWriting(life: Life, status: ClaimStatusDraft): boolean {
  const { state, isWrittenBefore } = life;
  life.isWrittenBefore = false;
  if (!isWrittenBefore) return isNews(state.written, status);
  if (isOtherState(state.written, status)) return true;
  state.written = status;
  return false;
}

async function writeStatus(
  { claim, state, intent }: Life,
  status: ClaimStatusDraft,
  notInjected: { uid: string; name: string }[],
): Promise<void> {
  const failureReason = intent.deleting ? 'DetachFailed' : 'AttachFailed';
  const event = buildReadyEvent(state.toldReason, status, failureReason);
  const failed = listNewFailures(state.written, status);
  const request = { claim, status, notInjected, failed, ...(event ? { event } : {}) };
  await persist(
    () => promptly.writeStatus(request),
    () => patiently.writeStatus(request),
  );
  state.written = status;
  state.toldReason = readReady(status)?.reason ?? '';
}

/** Makes the workflow findable by its present values. One event, so only when they have changed. */
export function setSearchValues({ state }: Life, values: SearchValues): void {
  if (isSameSearch(state.search, values)) return;
  state.search = values;
  upsertSearchAttributes([
    { key: SEARCH_KEYS.phase, value: values.phase },
    { key: SEARCH_KEYS.className, value: values.className === '' ? null : values.className },
    { key: SEARCH_KEYS.attached, value: values.attached },
    { key: SEARCH_KEYS.matched, value: values.matched },
  ]);
}
