// Does Temporal's UI show a claim in words?
import { expect, it } from 'vitest';
import { buildCurrentDetails } from '../../../workflows/progress.ts';
import { buildStatus } from '../../../workflows/status.ts';
import { aRecord, anObservation, anObservedPod, CLAIM } from '../../builders/objects.ts';

it('shows the state and a table of nodes and pods', () => {
  const observed = anObservation({ pods: [anObservedPod(), anObservedPod({ name: 'web-2' })] });
  const mounts = { 'uid-web-1': aRecord() };

  const details = buildCurrentDetails(
    buildStatus({ claim: CLAIM, observed, mounts, outcomes: {} }),
  );

  expect(details.split('\n')).toEqual([
    '**Attaching** Attaching in 1 pod on node1',
    '',
    '1/2 pods attached, generation 1',
    '',
    '| Node | Pod | State | Reason |',
    '|---|---|---|---|',
    '| node1 | web-2 | Pending | Attaching |',
    '| node1 | web-1 | Attached |  |',
  ]);
});

it('shows one line while there is no pod', () => {
  const observed = anObservation({ pods: [] });

  const details = buildCurrentDetails(
    buildStatus({ claim: CLAIM, observed, mounts: {}, outcomes: {} }),
  );

  expect(details).toMatch(/^\*\*NoMatchingPods\*\* .*app=web/);
  expect(details).not.toContain('\n');
});
