// Is storage that is in use given its time, and then taken away, one visible rung after the other?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSharingKey } from '../../api/node-agent.ts';
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

/** Whether each target of each request was to be taken away by force, in order. */
function listForces(scene: Scene): boolean[] {
  return scene.agents.detachRequests.flatMap(({ targets }) => targets.map(({ force }) => force));
}

const films = { bucket: 'films', endpoint: 'https://s3.example.com' };

describe.concurrent('a mount that is in use', () => {
  it('is taken away by force when the grace that a person gave is over', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = () => 'IN_USE';

      await claim.handle.executeUpdate('detach', { args: [{ graceSeconds: 4 }] });
      await waitUntil('it waits', async () => /by force/.test(await claim.details()));
      const details = await claim.details();
      await waitUntil('it was taken away', () => scene.agents.mounts.size === 0);
      await waitUntil('nothing is left to do', async () => /until the/.test(await claim.details()));

      expect(details).toMatch(/\| node1 \| web-1 \| Detaching \| InUse \|/);
      expect(details).toMatch(/taken away by force at \d{4}-/);
      const forces = listForces(scene);
      expect(forces.indexOf(true)).toBe(forces.length - 1);
      expect(forces.length).toBeGreaterThanOrEqual(3);
      expect((await claim.summaries()).at(-1)).toBe(
        'detach from 1 pod on node1 (grace over: abort)',
      );
      expect(claim.ready?.reason).toBe('Detached');
      await claim.end();
      await claim.keep('grace-over');
    });
  });

  it('is taken away at once for a forced detach, without waiting for uploads', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = ({ discardWrites }) => (discardWrites ? 'IN_USE' : 'FLUSHING');

      await claim.handle.signal('detach', { force: true });
      await claim.reason('Detached');
      await waitUntil('it was taken away', () => scene.agents.mounts.size === 0);

      expect(scene.agents.detachRequests).toMatchObject([
        { discardWrites: true, targets: [{ force: true }] },
      ]);
      expect((await claim.summaries()).at(-1)).toMatch(/by force, without waiting for uploads/);
      await claim.end();
      await claim.keep('forced-detach');
    });
  });

  it('says when a deletion will take it away, and can be hurried', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = () => 'IN_USE';
      await claim.delete();
      await claim.reason('InUse');
      expect(claim.ready?.message).toMatch(/taken away by force at \d{4}-.*\(pod web-1/);
      expect(await claim.query('explain')).toMatch(/send detach with \{"graceSeconds": 0\}/);

      await claim.handle.executeUpdate('detach', { args: [{ force: true }] });
      await claim.handle.result();

      expect(claim.object).toBeUndefined();
      expect(scene.agents.mounts.size).toBe(0);
      await claim.keep('deletion-hurried');
    });
  });

  it('is never forced when a swap has replaced it', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [former = ''] = scene.agents.staged.keys();
      scene.agents.failDetach = () => 'IN_USE';

      await claim.edit({ s3Config: films });
      await claim.reason('Attached');
      await waitUntil('it tried three times', () => scene.agents.detachRequests.length >= 3);
      expect(claim.object?.status?.conditions?.map((one) => one.reason)).toEqual([
        'Attached',
        'InUse',
      ]);
      scene.agents.failDetach = () => undefined;
      await waitUntil('it was let go', () => !scene.agents.staged.has(former));

      expect(listForces(scene)).not.toContain(true);
      await claim.end();
      await claim.keep('replaced-source-in-use');
    });
  });
});

describe.concurrent('writes that wait for their upload', () => {
  it('hold up a deletion, without end and without force', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failDetach = () => 'FLUSHING';
      await claim.delete();
      await claim.reason('Flushing');
      await waitUntil('it tried again', () => scene.agents.detachRequests.length >= 3);
      expect(claim.object?.status?.conditions?.map((one) => one.type)).toEqual([
        'Ready',
        'Reconciling',
      ]);

      scene.agents.failDetach = () => undefined;
      await claim.handle.result();

      expect(listForces(scene)).not.toContain(true);
      await claim.keep('flushing');
    });
  });

  it('hold up a swap, while the former source serves', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      scene.agents.failAttach = () => 'FLUSHING';
      await claim.edit({ s3Config: films });
      await claim.reason('Flushing');
      expect([...scene.agents.mounts.values()].map((mount) => mount.bucket)).toEqual(['photos']);

      scene.agents.failAttach = () => undefined;
      await claim.reason('Attached');

      expect([...scene.agents.mounts.values()].map((mount) => mount.bucket)).toEqual(['films']);
      await claim.end();
    });
  });
});

it('a source of another sharing key is replaced with its mount pod', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    const [former = ''] = scene.agents.staged.keys();

    await claim.edit({ s3Config: { bucket: 'photos', endpoint: 'http://s3.other.example' } });
    await claim.reason('Attached');

    const [present = '', ...others] = scene.agents.staged.keys();
    expect(others).toEqual([]);
    expect(parseSharingKey(present)).not.toBe(parseSharingKey(former));
    await claim.end();
  });
});
