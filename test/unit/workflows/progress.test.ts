// Does Temporal's UI show a claim in words?
import { describe, expect, it } from 'vitest';
import { buildCurrentDetails, describeNext, describePlace } from '../../../workflows/progress.ts';
import type { NextStep } from '../../../workflows/progress.ts';
import { buildStatus } from '../../../workflows/status.ts';
import { aRecord, anObservation, anObservedPod, CLAIM } from '../../builders/objects.ts';

const steering = { remounts: 0 };

function build(pods = [anObservedPod()], next: NextStep = { kind: 'work' }) {
  const status = buildStatus({
    claim: CLAIM,
    observed: anObservation({ pods }),
    mounts: { 'uid-web-1': aRecord() },
    outcomes: { 'uid-web-3': { code: 'ACCESS_DENIED', message: 'Denied | refused' } },
    steering,
    unsearchedNodes: [],
  });
  return { claim: CLAIM, status, next, steering };
}

it('shows the state, what comes next, a table of nodes and pods, and what fails', () => {
  const input = build(['web-1', 'web-2', 'web-3'].map((name) => anObservedPod({ name })));

  expect(buildCurrentDetails(input).split('\n')).toEqual([
    '**AccessDenied** Denied | refused (pod web-3 on node node1)',
    '',
    'Next: wait for the nodes that are at work',
    '',
    '1/3 pods attached, generation 1',
    '',
    '| Node | Pod | State | Reason |',
    '|---|---|---|---|',
    '| node1 | web-3 | Failed | AccessDenied |',
    '| node1 | web-2 | Pending | Attaching |',
    '| node1 | web-1 | Attached |  |',
    '',
    '- web-3: Denied | refused',
  ]);
});

it('says that it has not looked yet', () => {
  const input = { claim: CLAIM, status: undefined, next: { kind: 'look' as const }, steering };

  expect(buildCurrentDetails(input)).toBe('**Starting**\n\nNext: look at the claim and its pods');
});

it('tells of signals that were ignored', () => {
  const ignored = { count: 2, command: 'attach', why: 'The claim is not detached' };

  const details = buildCurrentDetails({ ...build(), steering: { ...steering, ignored } });

  expect(details).toContain('2 signals were ignored, the last one was attach: The claim is not');
});

it('begins with what is attached where', () => {
  const what = describePlace(
    anObservation({
      readOnly: true,
      s3: { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: 'team', region: '' },
    }),
  );

  expect(what).toBe('s3 photos/team at https://s3.example.com -> /data, read-only');
  expect(buildCurrentDetails({ ...build(), what }).split('\n')[0]).toBe(what);
});

describe('describeNext', () => {
  const atMs = Date.parse('2026-01-01T00:00:12.345Z');

  it.each<[NextStep, string]>([
    [{ kind: 'idle' }, 'nothing, until the claim or its pods change'],
    [
      { kind: 'retry', atMs, forces: false },
      'try again at 2026-01-01T00:00:12Z, or as soon as something changes',
    ],
    [
      { kind: 'retry', atMs, forces: true },
      'take away by force what is in use, at 2026-01-01T00:00:12Z',
    ],
  ])('%j', (next, wanted) => {
    expect(describeNext(next)).toBe(wanted);
  });
});
