// Is what PID 1 of a mount pod says of its rclone understood?
import { expect, test } from 'vitest';
import { describeEnd } from '../../../csi-node/mount-pod-watches.ts';

const CLIENT = 'The storage client of mount pod uid';

test.for([
  ['OK', undefined],
  ['UP', undefined],
  ['NEWS', undefined],
  ['DOWN signal 9', `${CLIENT} was ended by signal 9`],
  ['DOWN status 0', `${CLIENT} ended with status 0`],
  ['DOWN status 255', `${CLIENT} ended with status 255`],
  ['DOWN signal 9 and more', undefined],
  ['DOWN signal 99999', undefined],
  ['ERR unknown verb', undefined],
  ['', undefined],
] as const)('%j', ([line, sentence]) => {
  expect(describeEnd('uid', line)).toBe(sentence);
});
