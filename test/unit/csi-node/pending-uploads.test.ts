// Can a mount pod's answer pass for an empty queue?
import { expect, test } from 'vitest';
import { parsePendingUploads } from '../../../csi-node/pending-uploads.ts';

test('two counts are taken as they are', () => {
  expect(parsePendingUploads({ queued: 2, abandoned: 0 })).toEqual({ queued: 2, abandoned: 0 });
});

test.for<[unknown]>([
  [null],
  [{}],
  [[]],
  [{ queued: 0 }],
  [{ queued: '0', abandoned: 0 }],
  [{ queued: -1, abandoned: 1 }],
  [{ queued: 0.5, abandoned: 0 }],
  [{ queued: null, abandoned: null }],
])('%j is no answer', ([answer]) => {
  expect(() => parsePendingUploads(answer)).toThrow('did not answer with counts');
});
