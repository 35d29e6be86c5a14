// What becomes of a workflow that cannot go on, and of a signal that it never got?
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pino } from 'pino';
import { createWorkflowKeeper } from '../../workers/keep-workflows.ts';
import { waitUntil } from '../wait-until.ts';
import { createSceneActivities, Lab, Scene } from './lab.ts';
import type { ClaimStory } from './lab.ts';

/** A task that fails is tried again with back-off. */
const STUCK_MS = 90_000;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

/** A worker whose workflows are of another version: no other can go on with the histories that it makes. */
async function createForeignWorker(scene: Scene) {
  const activities = createSceneActivities(scene);
  const code = lab.code.replaceAll('.attachNode', '.attachOnNode');
  return await lab.createWorker(scene, {
    workflowBundle: { code },
    activities: { ...activities, attachOnNode: activities.attachNode },
  });
}

/** The part of the controller that keeps workflows, in a hurry. */
function keep(view: Scene['cluster']['view'], claim: ClaimStory, signal: AbortSignal) {
  const options = {
    connection: lab.environment.nativeConnection,
    namespace: 'default',
    view,
    look: () => void claim.look(),
    log: pino({ level: 'silent' }),
    everyMs: 200,
    lookAfterMs: 0,
  };
  const keeper = createWorkflowKeeper(options);
  const object = claim.object;
  const told = setInterval(() => object && keeper.told(object), 200);
  return keeper.run(signal).finally(() => clearInterval(told));
}

it('one whose tasks fail again and again is made anew, and its storage is not touched', async () => {
  const scene = new Scene(lab);
  const foreign = await createForeignWorker(scene);
  const claim = await foreign.runUntil(scene.attached());
  const { runId } = await claim.handle.describe();
  const mounts = structuredClone(scene.agents.mounts);
  const stop = new AbortController();

  const worker = await lab.createWorker(scene);
  await worker.runUntil(async () => {
    await claim.look();
    const kept = keep(scene.cluster.view, claim, stop.signal);
    const isAnother = async () => (await claim.handle.describe()).runId !== runId;
    await waitUntil('the claim has another workflow', isAnother, STUCK_MS);
    stop.abort();
    await kept;
    await waitUntil('it has asked the nodes', () => scene.agents.calls.includes('list'));

    expect(scene.agents.mounts).toEqual(mounts);
    expect(scene.agents.calls).not.toContain('detach');
    const former = lab.environment.client.workflow.getHandle(claim.workflowId, runId);
    expect((await former.describe()).status.name).toBe('TERMINATED');
    await claim.end();
    expect(scene.agents.mounts.size).toBe(0);
  });
});

it('one that goes on is left alone', async () => {
  const scene = new Scene(lab);
  const worker = await lab.createWorker(scene);
  const stop = new AbortController();
  await worker.runUntil(async () => {
    const claim = await scene.attached();
    const isIdle = async () => !(await claim.handle.describe()).raw.pendingWorkflowTask;
    await waitUntil('its workflow is idle', isIdle);
    const { runId, historyLength } = await claim.handle.describe();
    let rounds = 0;
    const { view } = scene.cluster;
    const counting = { ...view, claims: () => (rounds++, view.claims()) };

    const kept = keep(counting, claim, stop.signal);
    await waitUntil('it was looked at a few times', () => rounds > 5);
    stop.abort();
    await kept;

    expect(await claim.handle.describe()).toMatchObject({ runId, historyLength });
    await claim.end();
  });
});
