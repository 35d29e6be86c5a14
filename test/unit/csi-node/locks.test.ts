// Does one thing at a time happen under one key?
import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Locks } from '../../../csi-node/locks.ts';

test('runs one operation at a time per key, in order, also after a failure', async () => {
  const locks = new Locks();
  const events: string[] = [];
  const work = (name: string, fails = false) =>
    locks.run('key', async () => {
      events.push(`${name} starts`);
      await tick();
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
    });

  const results = await Promise.allSettled([work('a'), work('b', true), work('c')]);

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(events).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('lets other keys go on', async () => {
  const locks = new Locks();
  const { promise: blocked, resolve: unblock } = Promise.withResolvers<void>();
  const first = locks.run('one', () => blocked);

  expect(await locks.run('two', () => 'free')).toBe('free');

  unblock();
  await first;
});
