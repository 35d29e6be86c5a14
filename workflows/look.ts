// How does a claim's workflow learn what is?
import type { Observation, ObservedClaim } from '../activities/contract.ts';
import { patiently, persist, promptly } from './activity-options.ts';
import type { Life } from './life.ts';
import { describePlace } from './progress.ts';
import { noteLeftMounts, noteObserved } from './state.ts';

/** Looks at the claim and its pods, and takes in what that shows. */
export async function look(life: Life): Promise<Observation> {
  const request = buildRequest(life);
  const observed = await persist(
    () => promptly.observeClaim(request),
    () => patiently.observeClaim(request),
  );
  if (observed.gone) return observed;
  life.what = describePlace(observed);
  const { state, intent } = life;
  intent.generation = Math.max(intent.generation, observed.generation);
  // A deletion is looked up live, so somebody sent a signal that was not true.
  if (request.deleting && !observed.deleting && !intent.dirty) {
    intent.deleting = false;
    intent.wasDeleted = false;
  }
  noteObserved(state, observed);
  restoreDetached(life, observed);
  if (mayHaveLeftMounts(life, observed)) await searchLeftMounts(life);
  else state.unsearchedNodes = [];
  return observed;
}

function buildRequest({ claim, state, intent }: Life) {
  const { generation, deleting } = intent;
  const tracked = Object.entries(state.mounts).map(([uid, { podName }]) => ({
    uid,
    name: podName,
  }));
  return {
    claim,
    generation,
    deleting,
    tracked,
    remounts: state.steering.remounts,
    seen: state.seen,
  };
}

/** A workflow that starts anew reads in the status that a person had detached the claim. */
function restoreDetached(life: Life, observed: ObservedClaim): void {
  const { steering } = life.state;
  if (life.mayBeDetached && observed.wasDetached) steering.detachedSinceMs ??= Date.now();
  life.mayBeDetached = false;
}

function mayHaveLeftMounts({ state }: Life, { hadFinalizer, deleting }: ObservedClaim): boolean {
  if (state.unsearchedNodes === undefined) return hadFinalizer || deleting;
  return state.unsearchedNodes.length > 0;
}

/** Asks all nodes for mounts that a former workflow of the claim has left, and takes them over. */
export async function searchLeftMounts({ claim, state }: Life): Promise<void> {
  const { mounts, unreachableNodes } = await patiently.findLeftMounts.executeWithOptions(
    { summary: 'look for mounts of a former workflow', startToCloseTimeout: '30 seconds' },
    [claim],
  );
  noteLeftMounts(state, mounts);
  state.unsearchedNodes = unreachableNodes;
}
