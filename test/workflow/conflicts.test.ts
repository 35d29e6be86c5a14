// Who has a mountpoint that two claims want, and does the other one take over?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';
import type { ClaimStory, Scene } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

/** A claim on the mountpoint `/data` or below it, created at this second. */
function create(scene: Scene, name: string, second: number, mountpoint = '/data'): ClaimStory {
  const creationTimestamp = `2026-01-01T00:00:0${second}Z`;
  const s3Config = { bucket: name, endpoint: 'https://s3.example.com' };
  return scene.create({ metadata: { name, creationTimestamp }, spec: { mountpoint, s3Config } });
}

function listBuckets(scene: Scene): string[] {
  return [...scene.agents.mounts.values()].map((mount) => mount.bucket);
}

describe.concurrent('two claims at one mountpoint', () => {
  it('the older one keeps it; the other waits without a timer and takes over', async () => {
    await lab.run(async (scene) => {
      const older = create(scene, 'older', 1);
      await older.look();
      await older.reason('Attached');
      const younger = create(scene, 'younger', 2);
      await younger.look();
      await younger.reason('MountpointConflict');

      expect(younger.ready?.message).toContain('older');
      expect(listBuckets(scene)).toEqual(['older']);
      expect(await younger.events()).not.toContain('TimerStarted');

      await older.end();
      await younger.look();
      await younger.reason('Attached');
      expect(listBuckets(scene)).toEqual(['younger']);
      await younger.end();
      await younger.keep('mountpoint-conflict');
    });
  });

  it('the older one gets it although it comes later', async () => {
    await lab.run(async (scene) => {
      const younger = create(scene, 'younger', 2);
      await younger.look();
      await younger.reason('Attached');

      const older = create(scene, 'older', 1);
      await Promise.all([older.look(), younger.look()]);
      await older.reason('Attached');
      await younger.reason('MountpointConflict');

      expect(listBuckets(scene)).toEqual(['older']);
      await younger.end();
      await younger.keep('mountpoint-lost');
      await older.end();
      await older.keep('mountpoint-won');
    });
  });

  it('one inside the other is a conflict too', async () => {
    await lab.run(async (scene) => {
      const older = create(scene, 'older', 1, '/data/in');
      await older.look();
      await older.reason('Attached');
      const younger = create(scene, 'younger', 2, '/data');
      await younger.look();
      await younger.reason('MountpointConflict');

      expect([...scene.agents.mounts.keys()]).toEqual(['uid-web-1/data/in']);
      await Promise.all([older.end(), younger.end()]);
    });
  });
});

it('what is mounted stays when the Secret goes, and the claim says so', async () => {
  await lab.run(async (scene) => {
    const claim = await scene.attached();
    const secret = scene.cluster.secrets.get('default/keys') ?? {};
    scene.cluster.secrets.clear();

    await claim.look();
    await waitUntil(
      'it says so',
      () => claim.object?.status?.conditions?.at(-1)?.reason === 'SecretMissing',
    );
    expect(claim.object?.status?.conditions?.map((one) => `${one.type} ${one.status}`)).toEqual([
      'Ready True',
      'Stalled True',
    ]);
    expect(scene.agents.calls).toEqual(['attach']);

    scene.cluster.secrets.set('default/keys', secret);
    await waitUntil('it is well again', () => claim.object?.status?.conditions?.length === 1);
    await claim.end();
    await claim.keep('secret-gone');
  });
});
