// What follows from what rclone says of a source's storage?
import { expect, test } from 'vitest';
import type { SourceState } from '../../../api/node-agent.ts';
import { planStorageStep } from '../../../csi-node/failing-storage-plan.ts';

const LONG = Infinity;

test.for<[string, boolean, SourceState | undefined, number, object]>([
  ['all is well', false, undefined, LONG, { kind: 'nothing' }],
  ['a first listing fails', true, undefined, LONG, { kind: 'ask' }],
  ['that was told', true, 'failing', LONG, { kind: 'nothing' }],
  ['it was told just now', true, 'failing', 0, { kind: 'nothing' }],
  ['a listing succeeds after it was told', false, 'failing', 10_000, { kind: 'tellHealthy' }],
  [
    'a listing succeeds at once after it was told',
    ...([false, 'failing', 100] as const),
    { kind: 'wait', durationMs: 9_900 },
  ],
  [
    'a listing fails again soon after',
    ...([true, undefined, 9_999] as const),
    { kind: 'wait', durationMs: 1 },
  ],
  ['it comes and goes between two changes', false, undefined, 100, { kind: 'nothing' }],
  ['the mount is dead', true, 'dead', LONG, { kind: 'nothing' }],
  ['the mount hangs', true, 'hung', LONG, { kind: 'nothing' }],
  ['the mount hangs and its listings were fine', false, 'hung', LONG, { kind: 'nothing' }],
])('%s', ([, isFailing, told, sinceMs, step]) => {
  expect(planStorageStep({ isFailing, told, sinceMs })).toEqual(step);
});
