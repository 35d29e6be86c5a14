// Is a workflow found by what its claim is at?
import { expect, it } from 'vitest';
import { buildSearchValues, isSameSearch } from '../../../workflows/search-values.ts';
import type { Phase } from '../../../workflows/search-values.ts';
import { buildStatus } from '../../../workflows/status.ts';
import type { StatusInput } from '../../../workflows/status.ts';
import { aRecord, anObservation, CLAIM } from '../../builders/objects.ts';

function build(changes: Partial<StatusInput>) {
  const base = { mounts: {}, outcomes: {}, steering: { remounts: 0 }, unsearchedNodes: [] };
  return buildSearchValues(
    buildStatus({ claim: CLAIM, observed: anObservation(), ...base, ...changes }),
  );
}

const denied = { code: 'ACCESS_DENIED' as const, message: 'no' };

it.each<[string, Partial<StatusInput>, Phase]>([
  ['serves', { mounts: { 'uid-web-1': aRecord() } }, 'Attached'],
  ['attaches', {}, 'Pending'],
  ['matches nothing', { observed: anObservation({ pods: [] }) }, 'Pending'],
  ['fails', { outcomes: { 'uid-web-1': denied } }, 'Failed'],
  ['was detached by hand', { steering: { remounts: 0, detachedSinceMs: 1 } }, 'Detached'],
])('a claim that %s', (_what, changes, phase) => {
  expect(build(changes).phase).toBe(phase);
});

it('names class and counts', () => {
  expect(build({ mounts: { 'uid-web-1': aRecord() } })).toEqual({
    phase: 'Attached',
    className: 's3-sample',
    attached: 1,
    matched: 1,
  });
});

it('is the same only when nothing has changed', () => {
  const values = build({});

  expect(isSameSearch(undefined, values)).toBe(false);
  expect(isSameSearch({ ...values }, values)).toBe(true);
  expect(isSameSearch({ ...values, attached: 7 }, values)).toBe(false);
});
