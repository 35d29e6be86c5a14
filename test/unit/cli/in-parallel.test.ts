// Are many questions asked together, and not all at once?
import { expect, it } from 'vitest';
import { mapInParallel } from '../../../cli/in-parallel.ts';

it('asks up to eight at once and answers in the order of the questions', async () => {
  let open = 0;
  let most = 0;
  const answers = await mapInParallel([...Array(20).keys()], async (item) => {
    most = Math.max(most, ++open);
    // Later questions are answered sooner.
    for (let turn = item; turn < 20; turn += 1) await Promise.resolve();
    open -= 1;
    return item * 2;
  });
  expect(most).toBe(8);
  expect(answers).toEqual([...Array(20).keys()].map((item) => item * 2));
});
