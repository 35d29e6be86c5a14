// Does a claim live as it shall, and at the price it shall?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPod } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';
import type { Scene } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

/** What the pods see. */
function listBuckets({ agents }: Scene): string[] {
  return [...agents.mounts.values()].map((mount) => mount.bucket);
}

describe('dynamicVolumeClaimWorkflow', () => {
  it('attaches for 14 events and lives for 28, with three writes to the object', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      expect([...scene.agents.mounts.keys()]).toEqual(['uid-web-1/data']);
      await waitUntil(
        'the round is over',
        async () => (await claim.events()).at(-1) === 'MarkerRecorded',
      );
      expect((await claim.events()).length).toBeLessThanOrEqual(14);

      await claim.end();

      const events = await claim.events();
      expect(events.at(-1)).toBe('WorkflowExecutionCompleted');
      expect(events.length).toBeLessThanOrEqual(28);
      expect(scene.cluster.writes.filter((write) => write.startsWith('patch'))).toEqual([
        'patch finalizers',
        'patch status',
        'patch finalizers',
      ]);
      expect(scene.agents.mounts.size).toBe(0);
      expect(scene.cluster.mountPods()).toEqual([]);
      expect(claim.object).toBeUndefined();
      await claim.keep('whole-life');
    });
  });

  it('has no timer while it is idle', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      expect(await claim.events()).not.toContain('TimerStarted');
      await claim.end();
    });
  });

  it('writes nothing when another look shows nothing new', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const writes = scene.cluster.writes.length;

      await claim.look();
      await waitUntil(
        'it has looked',
        async () => (await claim.events()).filter((name) => name === 'MarkerRecorded').length === 3,
      );

      expect(scene.cluster.writes).toHaveLength(writes);
      expect(scene.agents.calls).toEqual(['attach']);
      await claim.end();
    });
  });

  it('serves pods of two nodes, each node in one call', async () => {
    await lab.run(async (scene) => {
      scene.cluster.putPod(aPod({ name: 'web-2' }));
      scene.cluster.putPod(aPod({ name: 'web-3', nodeName: 'node2' }));
      const claim = await scene.attached();

      expect(scene.agents.calls).toEqual(['attach', 'attach']);
      expect(claim.object?.status?.attachedOfMatched).toBe('3/3');
      await claim.end();
      await claim.keep('two-nodes');
    });
  });

  it('serves a pod that comes after the claim', async () => {
    await lab.run(async (scene) => {
      scene.cluster.pods.clear();
      const claim = scene.create();
      await claim.look();
      await claim.reason('NoMatchingPods');

      scene.cluster.putPod(aPod({ sandboxReady: false, phase: 'Pending' }));
      await claim.look();
      await claim.reason('PodStarting');
      scene.cluster.putPod(aPod());
      await claim.look();
      await claim.reason('Attached');

      await claim.end();
      await claim.keep('claim-before-pod');
    });
  });

  it('removes the mount pod of a pod that is gone', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      expect(scene.cluster.mountPods()).toHaveLength(1);

      scene.cluster.pods.delete('shop/web-1');
      await claim.look();
      await claim.reason('NoMatchingPods');

      expect(scene.cluster.mountPods()).toEqual([]);
      expect(scene.agents.staged.size).toBe(0);
      await claim.end();
      await claim.keep('pod-gone');
    });
  });

  it('does not believe a lagging cache that a pod is gone', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const pod = scene.cluster.pods.get('shop/web-1');
      scene.cluster.pods.delete('shop/web-1');
      scene.cluster.lag();
      if (pod) scene.cluster.putPod(pod);

      await claim.look();
      await waitUntil(
        'it has looked',
        async () => (await claim.events()).filter((name) => name === 'MarkerRecorded').length >= 3,
      );

      expect(scene.agents.mounts.size).toBe(1);
      expect(scene.agents.calls).not.toContain('detach');
      await claim.end();
    });
  });

  it('reads the claim anew when a signal tells of a newer generation', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.cluster.lag();

      await claim.edit({ readOnly: true });
      await claim.reason('Attached');

      expect([...scene.agents.mounts.values()][0]?.readOnly).toBe(true);
      await claim.end();
    });
  });

  it('replaces the source when the bucket changes, and lets the former go', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [former] = scene.agents.staged.keys();

      await claim.edit({ s3Config: { bucket: 'films', endpoint: 'https://s3.example.com' } });
      await claim.reason('Attached');

      const [mount] = scene.agents.mounts.values();
      expect(mount?.bucket).toBe('films');
      expect([...scene.agents.staged.keys()]).not.toContain(former);
      await claim.end();
      await claim.keep('bucket-changed');
    });
  });

  it('replaces the mount pod when the endpoint changes', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [former] = scene.cluster.mountPods();

      await claim.edit({ s3Config: { bucket: 'photos', endpoint: 'http://s3.other.example' } });
      await claim.reason('Attached');

      const [mountPod, ...others] = scene.cluster.mountPods();
      expect(others).toEqual([]);
      expect(mountPod?.uid).not.toBe(former?.uid);
      await claim.end();
    });
  });

  it('moves with its selector', async () => {
    await lab.run(async (scene) => {
      scene.cluster.putPod(aPod({ name: 'db-1', labels: { app: 'db' } }));
      const claim = await scene.attached();

      await claim.edit({ selector: { matchLabels: { app: 'db' } } });
      await claim.reason('Attached');

      expect([...scene.agents.mounts.keys()]).toEqual(['uid-db-1/data']);
      expect(scene.cluster.mountPods()).toHaveLength(1);
      await claim.end();
      await claim.keep('selector-moved');
    });
  });

  it('ends in the last state when it is edited ten times in a second', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      for (let edit = 1; edit <= 10; edit++) {
        const s3Config = { bucket: `films-${edit}`, endpoint: 'https://s3.example.com' };
        await claim.edit({ s3Config, readOnly: edit % 2 === 1 });
      }
      await claim.reason('Attached');
      await waitUntil('nothing else is staged', () => scene.agents.staged.size === 1);

      const mounts = [...scene.agents.mounts.values()];
      expect(mounts).toMatchObject([{ bucket: 'films-10', readOnly: false }]);
      expect(claim.object?.status?.observedGeneration).toBe(11);
      expect(scene.cluster.mountPods()).toHaveLength(1);
      await claim.end();
      await claim.keep('edited-ten-times');
    });
  });

  it.each([
    ['another bucket', 'plays'],
    ['the former one', 'photos'],
  ])(
    'ends with %s when an edit to that stops a swap which was made already',
    async (what, bucket) => {
      await lab.run(async (scene) => {
        const { agents } = scene;
        const claim = await scene.attached();
        const attach = agents.attach.bind(agents);
        agents.attach = async (node, request, how) => {
          agents.attach = attach;
          await attach(node, request, how);
          return new Promise((_resolve, reject) => {
            how.signal.addEventListener('abort', () => reject(how.signal.reason as Error));
          });
        };
        const s3Config = { bucket: 'films', endpoint: 'https://s3.example.com' };
        await claim.edit({ s3Config });
        await waitUntil('it is swapped', () => listBuckets(scene).includes('films'));

        await claim.edit({ s3Config: { ...s3Config, bucket } });
        await claim.reason('Attached');
        await waitUntil('nothing else is staged', () => agents.staged.size === 1);

        expect(listBuckets(scene)).toEqual([bucket]);
        await claim.end();
        await claim.keep(`swap-stopped-for-${what.replaceAll(' ', '-')}`);
      });
    },
  );

  it('keeps the mount pod that another claim of the pod uses', async () => {
    await lab.run(async (scene) => {
      const first = await scene.attached();
      const second = await scene.attached({
        metadata: { name: 'films' },
        spec: {
          mountpoint: '/films',
          s3Config: { bucket: 'films', endpoint: 'https://s3.example.com' },
        },
      });
      expect(scene.cluster.mountPods()).toHaveLength(1);

      await first.end();
      expect(scene.cluster.mountPods()).toHaveLength(1);
      expect([...scene.agents.mounts.keys()]).toEqual(['uid-web-1/films']);

      await second.end();
      expect(scene.cluster.mountPods()).toEqual([]);
    });
  });

  it('answers the query status', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      const status = await claim.query<{ generation: number }>('status');

      expect(status).toMatchObject({ generation: 1, deleting: false });
      await claim.end();
    });
  });

  it('ends with the object when that vanishes without a word', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      scene.cluster.claims.delete(claim.key);
      await claim.look({ generation: 2, deleting: true });
      await claim.handle.result();

      expect(scene.agents.mounts.size).toBe(0);
      await claim.keep('object-vanished');
    });
  });

  it('leaves the mounts of an object that was lost to the audit, and goes on when it is back', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const { object } = claim;
      const mounts = [...scene.agents.mounts];

      scene.cluster.claims.delete(claim.key);
      await claim.look({ generation: 1, deleting: true, vanished: true });
      const failure: unknown = await claim.handle.result().catch((error: unknown) => error);

      expect(failure).toMatchObject({ cause: { type: 'ClaimVanished' } });
      await claim.keep('object-lost');
      if (object) scene.cluster.put(object);
      scene.agents.calls.length = 0;
      await claim.look();
      await waitUntil('it is attached again', () => scene.agents.calls.includes('attach'));
      await claim.reason('Attached');
      expect([...scene.agents.mounts]).toEqual(mounts);
      expect(scene.agents.calls).not.toContain('detach');
      await claim.end();
    });
  });
});
