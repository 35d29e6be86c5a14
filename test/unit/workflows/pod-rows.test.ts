// Is a pod only called attached while nobody doubts that it is served?
import { expect, it } from 'vitest';
import { buildPodRows } from '../../../workflows/pod-rows.ts';
import { aRecord, anObservation } from '../../builders/objects.ts';

it.each([
  ['is served', {}, 'Attached', undefined],
  ['may have lost its mount', { isDoubtful: true as const }, 'Pending', 'Attaching'],
])('a pod that %s', (_what, doubt, state, reason) => {
  const served = {
    sourceKey: aRecord().sourceKeys[0] ?? '',
    readOnly: false,
    mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
    ...doubt,
  };

  const rows = buildPodRows({
    observed: anObservation(),
    mounts: { 'uid-web-1': aRecord({ served }) },
    outcomes: {},
    steering: { remounts: 0 },
  });

  expect(rows.map(({ pod }) => [pod.state, pod.reason])).toEqual([[state, reason]]);
});
