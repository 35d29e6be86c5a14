// Who gets a mountpoint that two claims want?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { find } from './kube.ts';
import { HEAL_MS, Scenario, type Claim, type Pod } from './scenario.ts';

const OVERLAPS = [
  { title: 'the same mountpoint', first: 'same', second: 'same' },
  { title: 'a mountpoint above it', first: 'up/below', second: 'up' },
  { title: 'a mountpoint below it', first: 'down', second: 'down/below' },
];

/** Creation times have whole seconds: only another second makes a claim younger for sure. */
async function waitNextSecond(claim: Claim): Promise<void> {
  const created = Date.parse(String((await find(claim.ref))?.metadata?.creationTimestamp));
  await waitUntil('the second of its creation is over', () => Date.now() > created + 1_000);
}

describe.concurrent('two claims that overlap in a pod', () => {
  const labels = { app: 'wanted' };
  let scenario: Scenario;
  let pod: Pod;
  beforeAll(async () => {
    scenario = await Scenario.create('conflict');
    pod = await scenario.runningPod({ labels });
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  const mountsBelow = async (folder: string) =>
    (await pod.fuseMounts()).filter((path) => path.includes(`/${folder.split('/')[0]}`));

  it.each(OVERLAPS)(
    'leave it to the older one; the other, with $title, names it and takes over when it goes',
    async ({ first, second }) => {
      const name = `${first}-${second}`.replaceAll('/', '.');
      const older = await scenario.readyClaim({
        name: `older.${name}`,
        selector: labels,
        mountpoint: `/${first}`,
      });
      await waitNextSecond(older);
      const younger = await scenario.claim({
        name: `younger.${name}`,
        selector: labels,
        mountpoint: `/${second}`,
      });

      expect(await younger.waitReason('MountpointConflict', HEAL_MS)).toContain(`older.${name}`);
      expect(await mountsBelow(first)).toEqual([`/volumes/${first}`]);

      await older.delete();

      await younger.waitReady();
      expect(await mountsBelow(first)).toEqual([`/volumes/${second}`]);
      await younger.delete();
    },
  );

  it.each(OVERLAPS)(
    'leave it to the older one also when it comes to the pod later, with $title',
    async ({ first, second }) => {
      const [mine, theirs] = [`late-${first}`, `late-${second}`];
      const name = `${mine}-${theirs}`.replaceAll('/', '.');
      const options = { name: `older.${name}`, mountpoint: `/${mine}` };
      const older = await scenario.claim({ ...options, selector: { app: 'nobody-yet' } });
      await waitNextSecond(older);
      const younger = await scenario.readyClaim({
        name: `younger.${name}`,
        selector: labels,
        mountpoint: `/${theirs}`,
      });

      await scenario.claim({ ...options, selector: labels });

      await older.waitReady();
      expect(await younger.waitReason('MountpointConflict', HEAL_MS)).toContain(`older.${name}`);
      expect(await mountsBelow(mine)).toEqual([`/volumes/${mine}`]);
      await Promise.all([older.delete(), younger.delete()]);
    },
  );
});
