// Is everything taken away before a claim's object goes, whatever happens meanwhile?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLAIM_FINALIZER } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

describe.concurrent('deleting a claim', () => {
  it('stops a running attach at once', async () => {
    await lab.run(async (scene) => {
      scene.agents.attachGate = () => new Promise(() => undefined);
      const claim = scene.create();
      await claim.look();
      await waitUntil('it attaches', () => scene.agents.calls.includes('attach'));

      await claim.end();

      expect(scene.agents.calls).toEqual(['attach', 'aborted', 'detach']);
      expect(scene.cluster.mountPods()).toEqual([]);
      expect(claim.object).toBeUndefined();
      await claim.keep('deleted-while-attaching');
    });
  });

  it('stops a running attach for a newer generation', async () => {
    await lab.run(async (scene) => {
      scene.agents.attachGate = () => new Promise(() => undefined);
      const claim = scene.create();
      await claim.look();
      await waitUntil('it attaches', () => scene.agents.calls.includes('attach'));

      scene.agents.attachGate = () => Promise.resolve();
      await claim.edit({ s3Config: { bucket: 'films', endpoint: 'https://s3.example.com' } });
      await claim.reason('Attached');

      expect([...scene.agents.mounts.values()].map((mount) => mount.bucket)).toEqual(['films']);
      await claim.end();
      await claim.keep('edited-while-attaching');
    });
  });

  it('waits for a mount that is in use, and keeps the finalizer', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = () => 'IN_USE';

      await claim.delete();
      await claim.reason('InUse');
      await waitUntil('it tried again', () => scene.agents.calls.length >= 4);
      expect(claim.object?.metadata.finalizers).toEqual([CLAIM_FINALIZER]);
      expect(scene.cluster.mountPods()).toHaveLength(1);

      scene.agents.failDetach = () => undefined;
      await claim.handle.result();
      expect(claim.object).toBeUndefined();
      expect(scene.cluster.mountPods()).toEqual([]);
      await claim.keep('in-use');
    });
  });

  it('looks at once when a signal comes while it waits', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = () => 'IN_USE';
      await claim.delete();
      await waitUntil('it waits long', () => scene.agents.calls.length >= 4);
      scene.agents.failDetach = () => undefined;
      const startedAtMs = performance.now();

      await claim.look();
      await claim.handle.result();

      expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    });
  });

  it('does not need an agent on a node that is gone', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.isUnreachable = true;
      await claim.delete();
      await claim.reason('AgentUnreachable');

      scene.cluster.nodes.delete('node1');
      await claim.handle.result();

      expect(scene.cluster.mountPods()).toEqual([]);
      await claim.keep('node-gone');
    });
  });

  it('detaches all that a terminated workflow left', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.terminate('test');
      expect(scene.agents.mounts.size).toBe(1);

      await claim.end();

      expect(scene.agents.mounts.size).toBe(0);
      expect(scene.cluster.mountPods()).toEqual([]);
      expect(claim.object).toBeUndefined();
      await claim.keep('terminated-then-deleted');
    });
  });

  it('detaches what a terminated workflow left under another class', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.terminate('test');
      const cls = scene.cluster.classes.get('s3-sample');
      scene.cluster.secrets.set('default/others', {});
      for (const key of Object.keys(cls?.spec.parameters ?? {})) {
        if (cls && key.endsWith('secret-name')) cls.spec.parameters[key] = 'others';
      }

      await claim.end();

      expect(scene.agents.mounts.size).toBe(0);
      expect(scene.cluster.mountPods()).toEqual([]);
    });
  });

  it('is of no effect on a claim whose workflow has completed', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.end();

      await expect(claim.look()).rejects.toThrow(/already/i);
    });
  });

  it('goes on after a workflow was cancelled, which takes no mount away', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.cancel();
      await expect(claim.handle.result()).rejects.toThrow(/cancel/i);
      expect(scene.agents.mounts.size).toBe(1);

      await claim.end();

      expect(scene.agents.mounts.size).toBe(0);
      await claim.keep('cancelled-then-deleted');
    });
  });
});

it('a terminated workflow is taken up again by the next look', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    await claim.handle.terminate('test');
    scene.agents.mounts.clear();

    await claim.look();
    await waitUntil('it serves again', () => scene.agents.mounts.size === 1);

    expect(scene.cluster.mountPods()).toHaveLength(1);
    await claim.end();
    await claim.keep('terminated-then-served');
  });
});
