// Do never more operations run at once than there are slots?
import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Slots } from '../../../api/slots.ts';

test('runs as many at once as there are slots, in order, also after a failure', async () => {
  const slots = new Slots(2);
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const work = (index: number) =>
    slots.run(async () => {
      started.push(index);
      most = Math.max(most, ++running);
      await tick();
      running--;
      if (index === 1) throw new Error('failed');
    });

  await Promise.allSettled([0, 1, 2, 3, 4].map(work));

  expect(most).toBe(2);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(await slots.run(async () => 'free')).toBe('free');
});
