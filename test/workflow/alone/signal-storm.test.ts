// Does a claim outlive a storm of signals, with nothing lost?
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { Lab } from '../lab.ts';

const SIGNALS = 2_000;
/** A slow worker takes several signals for one look, and so comes to the end of its history later. */
const MAX_SIGNALS = 8_000;
const SIGNALS_AT_ONCE = 50;
/** It is suggested to continue as new at 4,096, and refused while signals arrive; the server ends a run at 51,200. */
const MAX_EVENTS = 12_800;
/** What all of them take where the processor is wanted by others. */
const STORM_MS = 400_000;
/** What a slow worker has yet to do when the last one is sent. */
const CALM_MS = 120_000;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

it(
  'a storm of signals cuts the history in time and loses neither edit nor command',
  async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const runs = new Set<string>();
      let sent = 0;
      for (; sent < SIGNALS || (runs.size < 2 && sent < MAX_SIGNALS); sent += SIGNALS_AT_ONCE) {
        scene.cluster.edit(claim.key, { readOnly: !claim.object?.spec.readOnly });
        const looks = Array.from({ length: SIGNALS_AT_ONCE - 1 }, () => claim.look());
        const [first] = await Promise.all([...looks, claim.handle.signal('remount')]);
        if (first) runs.add(first.signaledRunId);
      }

      await waitUntil(
        'the last edit serves',
        () => {
          const [mount] = scene.agents.mounts.values();
          return claim.ready?.status === 'True' && mount?.readOnly === claim.object?.spec.readOnly;
        },
        CALM_MS,
        () => JSON.stringify(claim.object),
      );
      const { steering } = await claim.query<{ steering: unknown }>('status');
      expect(steering).toMatchObject({ remounts: sent / SIGNALS_AT_ONCE });
      await waitUntil('only the last source is staged', () => scene.agents.staged.size === 1);
      runs.add((await claim.handle.describe()).runId);
      await claim.end();
      expect(scene.agents.mounts.size).toBe(0);
      expect(runs.size).toBeGreaterThan(1);
      for (const runId of runs) {
        expect((await claim.events(runId)).length).toBeLessThan(MAX_EVENTS);
      }
    });
  },
  STORM_MS,
);
