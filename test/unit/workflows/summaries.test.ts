// Are activities called by what they do?
import { expect, it } from 'vitest';
import type { AttachNodeTarget, DetachNodeTarget } from '../../../activities/contract.ts';
import { describeAttach, describeDetach } from '../../../workflows/summaries.ts';
import { CLAIM, KEY_A, KEY_B } from '../../builders/objects.ts';

const claim = { ...CLAIM, generation: 1 };
const s3 = { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: '', region: '' };

function attach(...replaces: string[]) {
  const targets = replaces.map((replacesSourceKey, i): AttachNodeTarget => ({
    podUid: `uid-${i}`,
    podName: `web-${i}`,
    className: 's3-sample',
    sourceKey: KEY_A,
    replacesSourceKey,
  }));
  return { claim, node: 'node1', mountpoint: 'data', readOnly: false, s3, classes: {}, targets };
}

function detach(forces: boolean[], discardWrites = false) {
  const targets = forces.map((force, i): DetachNodeTarget => ({
    podUid: `uid-${i}`,
    podName: `web-${i}`,
    mountpoint: 'data',
    sourceKey: KEY_A,
    force,
  }));
  return { claim, node: 'node1', targets, discardWrites };
}

it.each([
  [attach(''), 'attach s3 photos in 1 pod on node1'],
  [attach('', KEY_B), 'attach s3 photos in 2 pods on node1'],
  [attach(KEY_B), 'swap in s3 photos beneath what serves in 1 pod on node1'],
])('attach', (request, summary) => {
  expect(describeAttach(request)).toBe(summary);
});

it.each([
  [detach([false]), 'detach from 1 pod on node1'],
  [detach([true]), 'detach from 1 pod on node1 (grace over: abort)'],
  [detach([true, false]), 'detach from 2 pods on node1 (grace over in 1 pod: abort)'],
  [detach([true], true), 'detach from 1 pod on node1 (by force, without waiting for uploads)'],
])('detach', (request, summary) => {
  expect(describeDetach(request)).toBe(summary);
});
