// How long does a recovery wait between two tries?
import { expect, test } from 'vitest';
import { buildBackOffMs } from '../../../csi-node/recovery.ts';

test.for([
  [1, 100],
  [2, 200],
  [3, 400],
  [8, 12_800],
  [9, 15_000],
  [10_000, 15_000],
] as const)('after %i failures %i ms', ([failures, durationMs]) => {
  expect(buildBackOffMs(failures)).toBe(durationMs);
});
