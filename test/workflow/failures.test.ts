// Does a claim say what fails, and heal by itself?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { CANARY, Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

describe.concurrent('a claim that fails', () => {
  it('shows the reason and heals without a signal', async () => {
    await lab.run(async (scene) => {
      scene.agents.failAttach = () => 'BUCKET_NOT_FOUND';
      const claim = scene.create();
      await claim.look();
      await claim.reason('BucketNotFound');
      expect(claim.object?.status?.conditions?.map((one) => one.type)).toEqual([
        'Ready',
        'Stalled',
      ]);

      scene.agents.failAttach = () => undefined;
      await claim.reason('Attached');

      expect(claim.object?.status?.conditions?.map((one) => one.type)).toEqual(['Ready']);
      await claim.end();
      await claim.keep('failure-healed');
    });
  });

  it('writes its status once for a failure that stays', async () => {
    await lab.run(async (scene) => {
      scene.agents.failAttach = () => 'ACCESS_DENIED';
      const claim = scene.create();
      await claim.look();
      await waitUntil('it tried three times', () => scene.agents.calls.length >= 3);

      expect(scene.cluster.statuses).toHaveLength(1);
      expect(
        [...scene.cluster.events.values()].map(({ regarding, reason }) => [regarding.kind, reason]),
      ).toEqual([
        ['DynamicVolumeClaim', 'AttachFailed'],
        ['Pod', 'AttachFailed'],
      ]);
      await claim.end();
    });
  });

  it('names the Secret that is missing, and sees when it comes', async () => {
    await lab.run(async (scene) => {
      scene.cluster.secrets.clear();
      const claim = scene.create();
      await claim.look();
      await claim.reason('SecretMissing');
      expect(claim.ready?.message).toContain('default/keys');
      expect(scene.cluster.mountPods()).toEqual([]);

      scene.cluster.secrets.set('default/keys', {
        'access-key-id': 'somebody',
        'secret-access-key': CANARY,
      });
      await claim.reason('Attached');

      await claim.end();
      await claim.keep('secret-missing');
    });
  });

  it('names the class that does not exist', async () => {
    await lab.run(async (scene) => {
      const claim = scene.create({ spec: { storageProviderClassName: 'nope' } });
      await claim.look();
      await claim.reason('ClassNotFound');
      expect(claim.ready?.message).toContain('"nope"');

      await claim.edit({ storageProviderClassName: 's3-sample' });
      await claim.reason('Attached');

      await claim.end();
      await claim.keep('class-not-found');
    });
  });

  it('tells a pod without a volume root once', async () => {
    await lab.run(async (scene) => {
      const pod = scene.cluster.pods.get('shop/web-1');
      delete pod?.volumeRoot;
      const claim = scene.create();
      await claim.look();
      await claim.reason('NotInjected');
      await claim.look();
      await claim.end();

      const events = [...scene.cluster.events.values()];
      expect(events.map((event) => `${event.regarding.kind} ${event.reason}`).sort()).toEqual([
        'DynamicVolumeClaim NotInjected',
        'Pod NotInjected',
      ]);
      await claim.keep('not-injected');
    });
  });

  it('serves the other pods of a node when one fails', async () => {
    await lab.run(async (scene) => {
      scene.agents.isUnreachable = true;
      const claim = scene.create();
      await claim.look();
      await claim.reason('AgentUnreachable');
      expect(claim.object?.status?.conditions?.map((one) => one.type)).toEqual([
        'Ready',
        'Reconciling',
      ]);

      scene.agents.isUnreachable = false;
      await claim.reason('Attached');
      await claim.end();
    });
  });

  it('makes another mount pod when its own was retired meanwhile', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [mountPod] = scene.cluster.mountPods();
      scene.agents.retired.add(mountPod?.uid ?? '');
      scene.agents.mounts.clear();
      scene.agents.staged.clear();

      await claim.edit({ readOnly: true });
      await claim.reason('Attached');

      const [served] = scene.agents.mounts.values();
      expect(served?.mountPodUid).not.toBe(mountPod?.uid);
      await claim.end();
      expect(scene.cluster.mountPods()).toEqual([]);
      await claim.keep('mount-pod-retired');
    });
  });

  it('replaces a mount pod that was lost', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [lost] = scene.cluster.mountPods();
      scene.cluster.pods.delete(`${lost?.namespace}/${lost?.name}`);

      await claim.look();
      await waitUntil('another one serves', () => {
        const [mount] = scene.agents.mounts.values();
        return mount !== undefined && mount.mountPodUid !== lost?.uid;
      });

      await claim.end();
      expect(scene.cluster.mountPods()).toEqual([]);
    });
  });

  it('notices when a mount pod that somebody deleted serves no more', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [deleted] = scene.cluster.mountPods();
      if (!deleted) throw new Error('There is no mount pod');
      deleted.terminating = true;
      await claim.look();
      await waitUntil('there is another', () => scene.cluster.mountPods().length === 2);

      await waitUntil('it has attached', () => scene.agents.calls.length === 2);
      scene.cluster.pods.delete(`${deleted.namespace}/${deleted.name}`);
      await claim.look();

      await waitUntil('the other one serves', () => {
        const [mount] = scene.agents.mounts.values();
        return mount !== undefined && mount.mountPodUid !== deleted.uid;
      });
      await claim.end();
      expect(scene.cluster.mountPods()).toEqual([]);
    });
  });

  it('goes on when the API server was away', async () => {
    await lab.run(async (scene) => {
      const claim = scene.create();
      scene.cluster.isDown = true;
      await claim.look();
      await waitUntil('the server retries', async () =>
        (await claim.events()).includes('ActivityTaskScheduled'),
      );

      scene.cluster.isDown = false;
      await claim.reason('Attached', 30_000);

      await claim.end();
      await claim.keep('api-server-away');
    });
  });
});

describe.concurrent('a slow attach', () => {
  it('shows a status of its own, and then the outcome', async () => {
    await lab.run(async (scene) => {
      const gate = Promise.withResolvers<void>();
      scene.agents.attachGate = () => gate.promise;
      const claim = scene.create();
      await claim.look();
      await claim.reason('Attaching');
      expect(claim.object?.status?.conditions?.map((one) => one.type)).toEqual([
        'Ready',
        'Reconciling',
      ]);

      gate.resolve();
      await claim.reason('Attached');

      await claim.end();
      await claim.keep('slow-attach');
    });
  });

  it('that a command stops leaves no status behind that is not true', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.attachGate = () => new Promise(() => undefined);
      await claim.handle.signal('remount');
      await claim.reason('Attaching');

      scene.agents.attachGate = () => Promise.resolve();
      await claim.handle.signal('remount');
      await claim.reason('Attached');

      await claim.end();
      await claim.keep('slow-attach-stopped');
    });
  });

  it('tells why the mount pod does not start', async () => {
    await lab.run(async (scene) => {
      const gate = Promise.withResolvers<void>();
      scene.agents.attachGate = () => gate.promise;
      scene.cluster.mountPodProblem = { reason: 'ImagePullBackOff', message: 'no such image' };
      const claim = scene.create();
      await claim.look();
      await claim.reason('MountPodNotReady');
      expect(claim.ready?.message).toContain('ImagePullBackOff: no such image');

      gate.resolve();
      await claim.reason('Attached');
      await claim.end();
    });
  });
});
