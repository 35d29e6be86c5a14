// Does a claim's memory survive the cut of its history?
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';
import type { ClaimStory } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ dynamicConfig: ['limit.historyCount.suggestContinueAsNew=30'] });
});
afterAll(async () => {
  await lab.stop();
});

it('continues as new, keeps what is mounted and attaches nothing twice', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    const { runId } = await claim.handle.describe();

    for (let i = 0; i < 10; i++) await claim.look();
    await waitUntil('a new run has begun', async () => {
      await claim.look();
      return (await claim.handle.describe()).runId !== runId;
    });
    await waitUntil('the new run has looked', async () =>
      (await claim.events()).includes('MarkerRecorded'),
    );

    expect(scene.agents.calls).toEqual(['attach']);
    expect(scene.cluster.statuses).toHaveLength(1);
    expect((await claim.events())[0]).toBe('WorkflowExecutionStarted');
    await claim.end();
    expect(scene.agents.mounts.size).toBe(0);
    expect(scene.cluster.mountPods()).toEqual([]);
    await claim.keep('continued-as-new');
    await claim.keep('continued-as-new-first-run', runId);
  });
});

it('continues as new while a deletion waits, and ends it', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    scene.agents.failDetach = () => 'IN_USE';
    await claim.delete();
    const { runId } = await claim.handle.describe();
    await waitUntil('a new run has begun', async () => {
      await claim.look();
      return (await claim.handle.describe()).runId !== runId;
    });
    expect(scene.agents.mounts.size).toBe(1);

    scene.agents.failDetach = () => undefined;
    await claim.look();
    await claim.handle.result();

    expect(scene.agents.mounts.size).toBe(0);
    expect(claim.object).toBeUndefined();
  });
});

it('loses no signal that races the cut', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();

    const { runId } = await claim.handle.describe();
    let readOnly = false;
    await waitUntil('the history was cut', async () => {
      readOnly = !readOnly;
      scene.cluster.edit(claim.key, { readOnly });
      await Promise.all([claim.look(), claim.look()]);
      return (await claim.handle.describe()).runId !== runId;
    });

    await waitUntil('the last edit serves', () => {
      const [mount] = scene.agents.mounts.values();
      const observed = claim.object?.status?.observedGeneration;
      return mount?.readOnly === readOnly && observed === claim.object?.metadata.generation;
    });
    await claim.end();
  });
});

it('loses no command that races the cut', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    const runs = new Set<string>();
    let remounts = 0;
    await waitUntil('the history was cut three times', async () => {
      const { client } = lab.environment;
      const handle = client.workflow.getHandle(claim.workflowId);
      await Promise.all([
        handle.signal('remount'),
        claim.look(),
        handle.signal('remount'),
        claim.look(),
      ]);
      remounts += 2;
      runs.add((await claim.handle.describe()).runId);
      return runs.size > 3;
    });

    await claim.handle.signal('detach');
    await claim.reason('Detached');
    const steering = await readSteering(claim);
    expect(steering).toMatchObject({ remounts });
    await claim.handle.signal('attach');
    await claim.reason('Attached');

    expect(scene.agents.mounts.size).toBe(1);
    await waitUntil('nothing else is staged', () => scene.agents.staged.size === 1);
    await claim.end();
    await claim.keep('commands-over-a-cut');
  });
});

it('stays detached over the cut, and stays findable', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    await claim.handle.signal('detach');
    await claim.reason('Detached');
    const { runId } = await claim.handle.describe();

    await waitUntil('a new run has begun', async () => {
      await claim.look();
      return (await claim.handle.describe()).runId !== runId;
    });
    await waitUntil('the new run has looked', async () =>
      (await claim.events()).includes('MarkerRecorded'),
    );

    expect(scene.agents.calls).toEqual(['attach', 'detach']);
    expect((await claim.handle.describe()).searchAttributes).toMatchObject({
      DynvolClaim: ['pictures'],
      DynvolPhase: ['Detached'],
    });
    expect(await claim.events()).not.toContain('UpsertWorkflowSearchAttributes');
    await claim.end();
    await claim.keep('detached-over-a-cut');
  });
});

async function readSteering(claim: ClaimStory): Promise<unknown> {
  const { steering } = await claim.query<{ steering: unknown }>('status');
  return steering;
}
