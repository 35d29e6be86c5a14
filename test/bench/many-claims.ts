// How long until a thousand claims are Ready, when no node has to do anything?
import { API_VERSION, GROUP } from '../../api/names.ts';
import { remove, type Ref } from '../cluster/kube.ts';
import type { Scenario } from '../cluster/scenario.ts';
import { waitUntil } from '../wait-until.ts';
import { watchClaims } from './claim-watch.ts';
import { runAll } from './samples.ts';
import { removeNow, setRunning, STAND_IN_NODE, startStandInNode } from './stand-in-node.ts';

const PODS = 10;
const TIMEOUT_MS = 300_000;

export interface ManyClaimsFigures {
  createdMs: number;
  readyMs: number;
  goneMs: number;
  /** Claims whose storage the agent was never asked for, or that did not become Ready. */
  lost: number;
}

/** Creates that many claims for ten pods, waits until all are Ready, and deletes them. */
export async function measureManyClaims(
  scenario: Scenario,
  count: number,
): Promise<ManyClaimsFigures> {
  await using node = await startStandInNode();
  const pods = await Promise.all(Array.from({ length: PODS }, (_, n) => makePod(scenario, n)));
  // Ready now, or before the deletion began.
  const ready = new Set<string>();
  const watch = await watchClaims(scenario.namespace, (before, after) => {
    if (after === undefined) ready.delete(before?.name ?? '');
    else if (after.isReady && after.name.startsWith('many-')) ready.add(after.name);
  });
  try {
    const startMs = performance.now();
    const since = () => performance.now() - startMs;
    await runAll(count, 50, async (n) => {
      const [name, selector] = [`many-${n}`, { bench: `${n % PODS}` }];
      await scenario.claim({ name, mountpoint: `/${name}`, selector });
    });
    const createdMs = since();
    const isReady = () => ready.size >= count;
    await waitUntil('all claims are Ready', isReady, TIMEOUT_MS, () => `${ready.size}`);
    const readyMs = since();
    const lost = count - Math.min(ready.size, node.agents.mounts.size);
    const deletedMs = since();
    await runAll(count, 50, (n) => remove(refOf(scenario, n)));
    const isGone = () => ready.size === 0;
    await waitUntil('all claims are gone', isGone, TIMEOUT_MS, () => `${ready.size} left`);
    return { createdMs, readyMs, goneMs: since() - deletedMs, lost };
  } finally {
    await watch.stop();
    await Promise.all(pods.map(removeNow));
  }
}

async function makePod(scenario: Scenario, n: number): Promise<Ref> {
  const labels = { bench: `${n}` };
  const { ref } = await scenario.pod({ name: `many-${n}`, labels, nodeName: STAND_IN_NODE });
  await setRunning(ref);
  return ref;
}

function refOf(scenario: Scenario, n: number): Ref {
  const metadata = { name: `many-${n}`, namespace: scenario.namespace };
  return { apiVersion: `${GROUP}/${API_VERSION}`, kind: 'DynamicVolumeClaim', metadata };
}
