// Is a claim explained to a person in plain sentences?
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../activities/contract.ts';
import type { Steering } from '../../../workflows/commands.ts';
import { buildExplanation } from '../../../workflows/explain.ts';
import type { NextStep } from '../../../workflows/progress.ts';
import { buildStatus } from '../../../workflows/status.ts';
import { aRecord, anObservation, CLAIM } from '../../builders/objects.ts';

interface Situation {
  failure?: Failure;
  deleting?: boolean;
  steering?: Steering;
  next?: NextStep;
}

function explain({ failure, deleting = false, steering = { remounts: 0 }, next }: Situation) {
  const status = buildStatus({
    claim: CLAIM,
    observed: anObservation({ deleting }),
    mounts:
      failure && !deleting && steering.detachedSinceMs === undefined
        ? {}
        : { 'uid-web-1': aRecord() },
    outcomes: failure ? { 'uid-web-1': failure } : {},
    steering,
    unsearchedNodes: [],
  });
  const step = next ?? { kind: 'idle' as const };
  return buildExplanation({ claim: CLAIM, status, next: step, steering, deleting }).split('\n');
}

const inUse: Failure = { code: 'IN_USE', message: 'Process 7 has a file open' };

describe('buildExplanation', () => {
  it('tells of a claim that serves', () => {
    expect(explain({})).toEqual([
      'Claim pictures in namespace shop: Attached. Served at /data in 1 pod.',
      '1 of 1 matching pods have the storage; 0 failed, 0 without a volume root.',
      'Next: nothing, until the claim or its pods change.',
      'You can: send remount for a fresh source with fresh credentials, or detach to take the storage away.',
    ]);
  });

  it('tells what failed, when it is tried again and what to mend', () => {
    const next: NextStep = { kind: 'retry', atMs: 0, forces: false };

    expect(explain({ failure: { code: 'ACCESS_DENIED', message: 'Denied' }, next })).toEqual([
      'Claim pictures in namespace shop: AccessDenied. Denied (pod web-1 on node node1).',
      '0 of 1 matching pods have the storage; 1 failed, 0 without a volume root.',
      'Pod web-1 on node node1 is Failed (AccessDenied): Denied.',
      'Next: try again at 1970-01-01T00:00:00Z, or as soon as something changes.',
      'You can: mend what AccessDenied names; nothing has to be restarted after that.',
    ]);
  });

  it.each<[string, Situation, RegExp]>([
    ['deleted and in use', { failure: inUse, deleting: true }, /detach with \{"graceSeconds": 0\}/],
    [
      'detached and in use',
      { failure: inUse, steering: { remounts: 0, detachedSinceMs: 1 } },
      /detach with \{"graceSeconds": 0\}/,
    ],
    ['in use in one pod', { failure: inUse }, /: end the processes that use the storage\.$/],
    ...[true, false].map((force): [string, Situation, RegExp] => [
      `in use and without grace, forced ${force}`,
      { failure: inUse, deleting: true, steering: { remounts: 0, grace: { seconds: 0, force } } },
      /wait for the end/,
    ]),
    ['detached', { steering: { remounts: 0, detachedSinceMs: 1 } }, /send attach/],
    ['deleting', { deleting: true }, /wait for the end/],
  ])('advises on a claim that is %s', (_what, situation, advice) => {
    expect(explain(situation).at(-1)).toMatch(advice);
  });

  it('ends with what was ignored', () => {
    const ignored = { count: 1, command: 'attach', why: 'The claim is not detached' };

    expect(explain({ steering: { remounts: 0, ignored } }).at(-1)).toBe(
      '1 signal was ignored, the last one was attach: The claim is not detached.',
    );
  });
});
