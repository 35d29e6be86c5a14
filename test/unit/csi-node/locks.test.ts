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

test('work that yields is told to as soon as somebody else wants its key, and comes after that', async () => {
  const locks = new Locks();
  const events: string[] = [];
  const yielding = locks.runYielding('key', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    events.push('yielded');
  });
  await tick();

  await Promise.all([locks.run('key', () => events.push('other')), yielding]);
  await locks.runYielding('key', async (signal) => {
    events.push(signal.aborted ? 'told too late' : 'again');
  });

  expect(events).toEqual(['yielded', 'other', 'again']);
});

test('work that yields is told so even while it waits for its turn', async () => {
  const locks = new Locks();
  const { promise: blocked, resolve: unblock } = Promise.withResolvers<void>();
  const first = locks.run('key', () => blocked);
  const yielding = locks.runYielding('key', async (signal) => signal.aborted);
  const last = locks.run('key', () => undefined);

  unblock();

  expect(await yielding).toBe(true);
  await Promise.all([first, last]);
});

test('lets other keys go on', async () => {
  const locks = new Locks();
  const { promise: blocked, resolve: unblock } = Promise.withResolvers<void>();
  const first = locks.run('one', () => blocked);

  expect(await locks.run('two', () => 'free')).toBe('free');

  unblock();
  await first;
});
