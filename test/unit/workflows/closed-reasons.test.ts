// Has everything that a claim can show a reason of the closed list, and a next step? (invariant I15)
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALL_REASONS, REASONS } from '../../../api/conditions.ts';
import { ERRORS } from '../../../api/errors.ts';
import type { ErrorCode } from '../../../api/errors.ts';
import { EVENT_EXPLANATIONS, EXPLANATIONS } from '../../../api/reasons.ts';
import type {
  ClaimEvent,
  ClaimStatusDraft,
  Failure,
  ObservedPod,
} from '../../../activities/contract.ts';
import type { Outcomes } from '../../../workflows/plan.ts';
import type { MountRecord } from '../../../workflows/state.ts';
import { buildReadyEvent, buildStatus } from '../../../workflows/status.ts';
import type { StatusInput } from '../../../workflows/status.ts';
import {
  aRecord,
  anObservation,
  anObservedPod,
  CLAIM,
  KEY_A,
  KEY_B,
} from '../../builders/objects.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];
const NAMES = ['web-1', 'web-2', 'web-3', 'web-4'];

const explanations: Record<string, { next: string }> = { ...EXPLANATIONS };
const eventExplanations: Record<string, { next: string }> = {
  ...EXPLANATIONS,
  ...EVENT_EXPLANATIONS,
};

const failures: fc.Arbitrary<Failure> = fc.record({
  code: fc.constantFrom(...CODES),
  message: fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 2_000, maxLength: 3_000 })),
});

/** Mostly undefined. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const pods: fc.Arbitrary<ObservedPod> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    state: fc.constantFrom('ready', 'pending', 'notInjected', 'terminating', 'completed'),
    sourceKey: fc.constantFrom(KEY_A, KEY_B),
    failure: rarely(failures),
    startProblem: rarely(fc.string()),
  })
  .map(({ failure, startProblem, ...pod }) =>
    anObservedPod({
      ...pod,
      ...(failure ? { failure } : {}),
      ...(startProblem === undefined ? {} : { startProblem }),
    }),
  );

const mounts: fc.Arbitrary<Record<string, MountRecord>> = fc
  .uniqueArray(fc.constantFrom(...NAMES))
  .map((names) => Object.fromEntries(names.map((name) => [`uid-${name}`, aRecord()])));

const outcomes: fc.Arbitrary<Outcomes> = fc.dictionary(
  fc.constantFrom(...NAMES.map((name) => `uid-${name}`)),
  fc.oneof(fc.constant('attached' as const), failures),
);

const inputs: fc.Arbitrary<StatusInput> = fc
  .record({
    pods: fc.uniqueArray(pods, { selector: (pod) => pod.uid, maxLength: NAMES.length }),
    deleting: fc.boolean(),
    failure: rarely(failures),
    mounts,
    outcomes,
    detachedSinceMs: rarely(fc.integer({ min: 0, max: 2_000_000_000_000 })),
    unsearchedNodes: fc.array(fc.constantFrom('node1', 'node2', 'node3', 'node4')),
  })
  .map(({ pods, deleting, failure, detachedSinceMs, ...rest }) => ({
    ...rest,
    claim: CLAIM,
    observed: anObservation({ pods, deleting, ...(failure ? { failure } : {}) }),
    steering: { remounts: 0, ...(detachedSinceMs === undefined ? {} : { detachedSinceMs }) },
  }));

function listEvents(status: ClaimStatusDraft): ClaimEvent[] {
  const kinds = ['AttachFailed', 'DetachFailed'] as const;
  return kinds.flatMap((kind) => buildReadyEvent('', status, kind) ?? []);
}

it('every condition, pod row and Event has a reason of the closed list, with a next step', () => {
  const seen = new Set<string>();
  const property = fc.property(inputs, (input) => {
    const status = buildStatus(input);
    for (const { reason, message } of status.conditions) {
      expect(ALL_REASONS).toContain(reason);
      expect(explanations[reason]?.next).toMatch(/^[A-Z].*\.$/);
      expect(message).not.toBe('');
      seen.add(reason);
    }
    const ofPods = status.pods.flatMap(({ reason }) => reason ?? []);
    expect(ofPods.filter((reason) => !ALL_REASONS.includes(reason))).toEqual([]);
    for (const { reason } of listEvents(status)) {
      expect(eventExplanations[reason]?.next).toMatch(/^[A-Z].*\.$/);
    }
  });
  fc.assert(property, { numRuns: 1_000, seed: 5 });

  expect([...seen]).toEqual(expect.arrayContaining(Object.values(REASONS)));
});
