// Is a person told in one sentence who holds a mount?
import { expect, test } from 'vitest';
import type { ProcessRef } from '../../../api/node-agent.ts';
import { describeHolders } from '../../../csi-node/holders.ts';

const holder = (pid: number): ProcessRef => ({
  ...{ podUid: 'pod-1', containerId: 'ab', pid },
  ...{ command: 'tail', path: '/volume/data/log' },
});

test.for<[ProcessRef[], string]>([
  [[], 'Mountpoint data is in use, by whom could not be seen'],
  [[holder(7)], 'Mountpoint data is in use: process 7 (tail) holds /volume/data/log'],
  [
    [holder(7), holder(8), holder(9)],
    'Mountpoint data is in use: process 7 (tail) holds /volume/data/log, and 2 more',
  ],
])('%j', ([holders, sentence]) => {
  expect(describeHolders('data', holders)).toBe(sentence);
});
