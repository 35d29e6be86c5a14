// Can a person steer a claim's workflow, with little or no JSON?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPod } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';
import type { ClaimStory } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

/** The message of a refused update, which its cause holds. */
async function refuse(update: Promise<unknown>): Promise<string> {
  const error = await update.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('The update was accepted');
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function countLooks(claim: ClaimStory): Promise<number> {
  return (await claim.events()).filter((name) => name === 'MarkerRecorded').length;
}

describe.concurrent('remount', () => {
  it('swaps a fresh source beneath the present one and lets that go', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [former] = scene.agents.staged.keys();

      const answer = await claim.handle.executeUpdate<string, []>('remount');
      await waitUntil('only a fresh source is staged', () => {
        const keys = [...scene.agents.staged.keys()];
        return keys.length === 1 && keys[0] !== former;
      });

      expect(answer).toBe(
        'A fresh source is mounted beneath the present one; open files stay readable',
      );
      const last = scene.agents.attachRequests.at(-1)?.attachments[0]?.targets[0];
      expect(last?.replacesSourceKey).toBe(former);
      expect(scene.cluster.mountPods()).toHaveLength(1);
      expect(claim.ready?.status).toBe('True');
      await claim.end();
      await claim.keep('remounted');
    });
  });

  it('is the same as a signal, once for each', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      await claim.handle.signal('remount');
      await claim.handle.signal('remount', null);
      await claim.handle.signal('remount', {});
      await waitUntil('it was remounted', () => scene.agents.calls.includes('detach'));

      const { steering } = await claim.query<{ steering: unknown }>('status');
      expect(steering).toEqual({ remounts: 3 });
      await claim.end();
    });
  });

  it('stops an attach whose source is outdated by then', async () => {
    await lab.run(async (scene) => {
      scene.agents.attachGate = () => new Promise(() => undefined);
      const claim = scene.create();
      await claim.look();
      await waitUntil('it attaches', () => scene.agents.calls.includes('attach'));

      scene.agents.attachGate = () => Promise.resolve();
      await claim.handle.signal('remount');
      await claim.reason('Attached');

      expect(scene.agents.calls.slice(0, 3)).toEqual(['attach', 'aborted', 'attach']);
      await claim.end();
      await claim.keep('remounted-while-attaching');
    });
  });
});

describe.concurrent('detach and attach', () => {
  it('takes the storage away, keeps it away, and brings it back', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      await claim.handle.signal('detach');
      await claim.reason('Detached');
      expect(scene.agents.mounts.size).toBe(0);
      expect(scene.cluster.mountPods()).toEqual([]);
      expect(claim.ready?.message).toContain('`kubectl dynvol attach pictures -n shop`');
      expect(claim.object?.status?.conditions?.map((one) => one.type)).toEqual(['Ready']);

      const looks = await countLooks(claim);
      scene.cluster.putPod(aPod({ name: 'web-2' }));
      await claim.look();
      await waitUntil('it has looked', async () => (await countLooks(claim)) > looks);
      expect(scene.agents.calls).toEqual(['attach', 'detach']);

      const answer = await claim.handle.executeUpdate<string, []>('attach');
      await claim.reason('Attached');
      expect(answer).toBe('The storage is attached again in every pod that matches');
      expect(scene.agents.mounts.size).toBe(2);
      await claim.end();
      await claim.keep('detached-and-attached');
    });
  });

  it('stops a running attach', async () => {
    await lab.run(async (scene) => {
      scene.agents.attachGate = () => new Promise(() => undefined);
      const claim = scene.create();
      await claim.look();
      await waitUntil('it attaches', () => scene.agents.calls.includes('attach'));

      await claim.handle.signal('detach', { graceSeconds: 5 });
      await claim.reason('Detached');

      expect(scene.agents.calls).toEqual(['attach', 'aborted', 'detach']);
      await claim.end();
      await claim.keep('detached-while-attaching');
    });
  });

  it('stays detached when its workflow is terminated', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.signal('detach');
      await claim.reason('Detached');
      await claim.handle.terminate('test');

      await claim.look();
      await waitUntil('it has looked', async () => (await countLooks(claim)) > 0);
      await waitUntil('it says so', async () => /Detached/.test(await claim.query('explain')));

      expect(scene.agents.mounts.size).toBe(0);
      await claim.handle.signal('attach');
      await claim.reason('Attached');
      await claim.end();
      await claim.keep('terminated-while-detached');
    });
  });

  it('attaches again what a detach took away that was not ended', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = () => {
        scene.agents.mounts.clear();
        return 'FLUSHING';
      };
      await claim.handle.signal('detach');
      await claim.reason('Detached');

      await claim.handle.signal('attach');
      await claim.reason('Attached');

      expect(scene.agents.mounts.size).toBe(1);
      scene.agents.failDetach = () => undefined;
      await claim.end();
      await claim.keep('detach-not-ended');
    });
  });

  it('ends when the claim is deleted', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.handle.signal('detach');
      await claim.reason('Detached');

      await claim.end();

      expect(claim.object).toBeUndefined();
      await claim.keep('detached-then-deleted');
    });
  });
});

describe.concurrent('nonsense', () => {
  it('is refused as an update, without an event', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await waitUntil('the round is over', async () => (await countLooks(claim)) === 2);
      const before = await claim.events();

      const refused = await Promise.all([
        refuse(claim.handle.executeUpdate('attach')),
        refuse(claim.handle.executeUpdate('detach', { args: [{ graceSeconds: -1 }] })),
        refuse(claim.handle.executeUpdate('remount', { args: ['now'] })),
      ]);

      expect(refused).toEqual([
        'The claim is not detached; send remount for a fresh source',
        'graceSeconds is -1; give a whole number from 0 to 3600',
        'The argument of remount is "now"; give a JSON object such as {}, or nothing',
      ]);
      expect(await claim.events()).toEqual(before);
      expect(scene.agents.calls).toEqual(['attach']);
      await claim.end();
    });
  });

  it('is ignored as a signal, and told to whoever looks', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      await claim.handle.signal('attach');
      await claim.handle.signal('detach', { grace: 5 });
      await claim.handle.signal('reboot', 'now');
      await claim.handle.signal('reconcile');
      await claim.handle.signal('reconcile', 'now');
      await waitUntil('it was told', async () =>
        /3 signals were ignored, the last one was reboot/.test(await claim.query('explain')),
      );

      expect(await claim.details()).toMatch(/reboot: there is no such signal; send one of remount/);
      expect(scene.agents.calls).toEqual(['attach']);
      expect(scene.agents.mounts.size).toBe(1);
      await claim.end();
      await claim.keep('nonsense-ignored');
    });
  });

  it('does not make a claim believe that it is being deleted', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const looks = await countLooks(claim);

      await claim.look({ generation: 1, deleting: true });
      await waitUntil('it has looked', async () => (await countLooks(claim)) > looks);

      expect(await claim.query('status')).toMatchObject({ deleting: false });
      expect(scene.agents.mounts.size).toBe(1);
      await claim.end();
    });
  });
});

describe.concurrent('what can be read', () => {
  it('is in the current details, in words and as a table', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await waitUntil('it is idle', async () => /until the claim/.test(await claim.details()));

      expect((await claim.details()).split('\n')).toEqual([
        's3 photos at https://s3.example.com -> /data',
        '',
        '**Attached** Served at /data in 1 pod',
        '',
        'Next: nothing, until the claim or its pods change',
        '',
        '1/1 pods attached, generation 1',
        '',
        '| Node | Pod | State | Reason |',
        '|---|---|---|---|',
        '| node1 | web-1 | Attached |  |',
      ]);
      expect(await claim.query<string>('explain')).toMatch(
        /^Claim pictures in namespace shop: Attached\. Served at \/data in 1 pod\.\n/,
      );
      await claim.end();
    });
  });

  it('is found by search attributes, which change no more often than what they tell', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const looks = await countLooks(claim);
      await claim.look();
      await waitUntil('it has looked again', async () => (await countLooks(claim)) > looks);

      const { searchAttributes } = await claim.handle.describe();
      expect(searchAttributes).toMatchObject({
        DynvolNamespace: ['shop'],
        DynvolClaim: ['pictures'],
        DynvolClass: ['s3-sample'],
        DynvolPhase: ['Attached'],
        DynvolAttached: [1],
        DynvolMatched: [1],
      });

      await claim.end();
      const events = await claim.events();
      const upserts = events.filter((name) => name === 'UpsertWorkflowSearchAttributes');
      expect(upserts).toHaveLength(2);
      expect((await claim.handle.describe()).searchAttributes).toMatchObject({
        DynvolPhase: ['Detaching'],
        DynvolAttached: [0],
      });
    });
  });

  it('names every activity in words', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      await claim.end();

      expect(await claim.summaries()).toEqual([
        'attach s3 photos in 1 pod on node1',
        'detach from 1 pod on node1',
      ]);
    });
  });
});

it('a recheck attaches again everywhere, which changes nothing where all is well', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    const [served] = scene.agents.mounts.values();

    await claim.look({ generation: 1, deleting: false, recheck: true });
    await waitUntil('it has attached again', () => scene.agents.calls.length === 2);
    await claim.look();

    expect(scene.agents.calls).toEqual(['attach', 'attach']);
    expect([...scene.agents.mounts.values()]).toEqual([served]);
    expect(scene.cluster.statuses).toHaveLength(1);
    await claim.end();
    await claim.keep('rechecked');
  });
});
