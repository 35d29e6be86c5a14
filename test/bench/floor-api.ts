// Floor: how long from creating a claim object to its event on somebody's watch?
import { removeAndWait } from '../cluster/kube.ts';
import type { Scenario } from '../cluster/scenario.ts';
import { watchClaims } from './claim-watch.ts';
import { repeat } from './samples.ts';

/** Claims that match no pod, seen by a watch of our own. */
export async function measureApiToWatch(scenario: Scenario, count: number): Promise<number[]> {
  const seen = new Map<string, () => void>();
  const watch = await watchClaims(scenario.namespace, (before, after) => {
    if (before === undefined && after !== undefined) seen.get(after.name)?.();
  });
  const durationsMs = await repeat(count, async (index) => {
    const name = `floor-${index}`;
    const startMs = performance.now();
    const arrived = new Promise<number>((resolve) => {
      seen.set(name, () => resolve(performance.now() - startMs));
    });
    const claim = await scenario.claim({ name, selector: { app: 'nobody' } });
    const durationMs = await arrived;
    await removeAndWait(claim.ref);
    return durationMs;
  });
  await watch.stop();
  return durationsMs;
}
