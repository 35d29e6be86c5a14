// Do claims fare well when workers share a queue, freeze, or meet a workflow that they cannot run?
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLAIM_WORKFLOW_TYPE } from '../../../api/names.ts';
import { aPod } from '../../builders/objects.ts';
import { waitUntil } from '../../wait-until.ts';
import { listEventNames } from '../history-file.ts';
import { KillableWorker } from '../killable-worker.ts';
import { Lab, Scene } from '../lab.ts';
import { watchMounts } from '../mount-watch.ts';

/** A lost attempt on a node is noticed after 5 s. */
const LOST_MS = 200_000;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

function countCreated({ cluster }: Scene): number {
  return cluster.writes.filter((write) => write.startsWith('create pod')).length;
}

it('ten claims that two controllers serve get one mount pod, and each its storage once', async () => {
  const scene = new Scene(lab);
  const broken = watchMounts(scene);
  const volumeRoot = { className: 's3-sample', dispatchPolicy: 'shared' };
  scene.cluster.putPod(aPod({ volumeRoot }));
  const one = await lab.createWorker(scene);
  await using other = await KillableWorker.start(lab, [{ scene, at: 'never' }]);
  const claims = Array.from({ length: 10 }, (_, i) =>
    scene.create({ metadata: { name: `claim-${i}` }, spec: { mountpoint: `/data-${i}` } }),
  );
  await one.runUntil(async () => {
    await Promise.all(claims.flatMap((claim) => [claim.look(), claim.look()]));
    for (const claim of claims) await claim.reason('Attached', LOST_MS);

    expect(scene.agents.mounts.size).toBe(10);
    expect(scene.agents.calls.filter((call) => call === 'attach')).toHaveLength(10);
    expect(countCreated(scene)).toBe(1);
    await Promise.all(claims.map((claim) => claim.end()));
    expect(scene.cluster.mountPods()).toEqual([]);
  });
  expect(other.passed(scene)).toContain('after agent attach');
  expect(broken).toEqual([]);
});

it.each(['before agent attach', 'after agent attach'])(
  'a worker that freezes %s and thaws when another has done its work changes nothing',
  async (at) => {
    const scene = new Scene(lab);
    scene.workflowTaskTimeout = '5 seconds';
    const broken = watchMounts(scene);
    await using frozen = await KillableWorker.start(lab, [{ scene, at }]);
    const claim = scene.create();
    await claim.look();
    await waitUntil('it attaches', () => frozen.heldAt(scene) !== undefined);
    frozen.freeze();

    const other = await lab.createWorker(scene);
    await other.runUntil(async () => {
      await claim.reason('Attached', LOST_MS);
      const attached = structuredClone(scene.agents.mounts);
      frozen.thaw(scene);
      await waitUntil('its attempt has ended', () =>
        frozen.passed(scene).includes('after activity attachNode'),
      );

      expect(scene.agents.mounts).toEqual(attached);
      expect(countCreated(scene)).toBe(1);
      await claim.end();
      expect(scene.agents.mounts.size).toBe(0);
      expect(scene.cluster.mountPods()).toEqual([]);
    });
    expect(broken).toEqual([]);
  },
  2 * LOST_MS,
);

it('a workflow that failed is started again by the next look, and takes over its mounts', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    const { patchClaimStatus } = scene.cluster.kubernetes;
    const refuse = () => Promise.reject(ApplicationFailure.nonRetryable('A mistake of ours'));
    scene.cluster.kubernetes.patchClaimStatus = refuse;
    await claim.edit({ readOnly: true });
    await expect(claim.handle.result()).rejects.toThrow('failed');
    scene.cluster.kubernetes.patchClaimStatus = patchClaimStatus;

    await claim.look();
    await claim.reason('Attached');

    expect([...scene.agents.mounts.values()].map((mount) => mount.readOnly)).toEqual([true]);
    expect(scene.agents.calls).not.toContain('detach');
    await claim.end();
  });
});

it('a workflow whose tasks always fail keeps no other claim from its storage', async () => {
  await lab.run(async (scene) => {
    const { workflow } = lab.environment.client;
    const poison = await workflow.start(CLAIM_WORKFLOW_TYPE, {
      workflowId: 'poison',
      taskQueue: scene.taskQueue,
      args: [null],
    });
    await waitUntil('its task has failed', async () =>
      listEventNames(await poison.fetchHistory()).includes('WorkflowTaskFailed'),
    );

    const claim = await scene.attached();

    expect((await poison.describe()).status.name).toBe('RUNNING');
    await claim.end();
    await poison.terminate();
  });
});
