// Does a workflow that starts anew find what a former one has left?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLAIM_FINALIZER } from '../../api/names.ts';
import { aPod } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

describe.concurrent('after its workflow was terminated', () => {
  it('a deleted claim waits for a node that does not answer', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.terminate('test');
      scene.agents.isUnreachable = true;

      await claim.delete();
      await claim.reason('AgentUnreachable');
      expect(claim.ready?.message).toMatch(/node1.* does not answer/);
      expect(claim.object?.metadata.finalizers).toEqual([CLAIM_FINALIZER]);

      scene.agents.isUnreachable = false;
      await claim.handle.result();
      expect(scene.agents.mounts.size).toBe(0);
      expect(claim.object).toBeUndefined();
      await claim.keep('left-mounts-found-later');
    });
  });

  it('a deleted claim does not wait for a node that is gone', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.terminate('test');
      scene.agents.isUnreachable = true;
      scene.cluster.nodes.clear();

      await claim.end();

      expect(claim.object).toBeUndefined();
      await claim.keep('left-mounts-on-a-gone-node');
    });
  });

  it('a live claim goes on serving while another node does not answer', async () => {
    await lab.run(async (scene) => {
      scene.cluster.putPod(aPod({ name: 'db-1', nodeName: 'node2', labels: { app: 'db' } }));
      const claim = await scene.attached();
      await claim.handle.terminate('test');
      scene.agents.unreachableNodes.add('node2');
      scene.cluster.putPod(aPod({ name: 'web-2' }));

      await claim.look();
      await waitUntil('the new pod is served', () => scene.agents.mounts.size === 2);
      await waitUntil(
        'it says what it waits for',
        () => claim.object?.status?.conditions?.at(-1)?.reason === 'AgentUnreachable',
      );
      expect(claim.ready?.status).toBe('True');

      scene.agents.unreachableNodes.clear();
      await waitUntil('all is well', () => claim.object?.status?.conditions?.length === 1);
      await claim.end();
      await claim.keep('left-mounts-unknown');
    });
  });

  it('a mount in a pod that matches no more is taken away', async () => {
    await lab.run(async (scene) => {
      scene.cluster.putPod(aPod({ name: 'db-1', labels: { app: 'db' } }));
      const claim = await scene.attached();
      await claim.handle.terminate('test');

      await claim.edit({ selector: { matchLabels: { app: 'db' } } });
      await claim.reason('Attached');

      expect([...scene.agents.mounts.keys()]).toEqual(['uid-db-1/data']);
      await claim.end();
      await claim.keep('left-mount-of-a-former-selector');
    });
  });

  it('nothing is attached any more when the claim is deleted during the search', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.terminate('test');
      const gate = Promise.withResolvers<void>();
      const { agents } = scene;
      const list = agents.list.bind(agents);
      agents.list = async (...call) => {
        await gate.promise;
        return list(...call);
      };
      agents.attachGate = () => new Promise(() => undefined);

      await claim.look();
      await waitUntil('it searches', async () =>
        (await claim.events()).includes('ActivityTaskScheduled'),
      );
      await claim.delete();
      await waitUntil('it knows of the deletion', async () => {
        const events = await claim.events();
        return events.filter((name) => name === 'WorkflowTaskCompleted').length === 2;
      });
      gate.resolve();
      await claim.handle.result();

      expect(agents.calls.filter((call) => call === 'attach')).toHaveLength(1);
      expect(agents.mounts.size).toBe(0);
      await claim.keep('deleted-during-the-search');
    });
  });

  it('nothing is searched for a claim that had no finalizer', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      expect(scene.agents.calls).not.toContain('list');
      await claim.end();
    });
  });
});
