// Is a schedule of another version brought up to date, and one that a person paused left so?
import type { ScheduleDescription } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { isOutdated } from '../../../workers/audit-schedule.ts';

function aSchedule(changes: {
  spec?: object;
  action?: object;
  policies?: object;
  state?: object;
}): ScheduleDescription {
  const described = {
    spec: { intervals: [{ every: 60_000, offset: 0 }], ...changes.spec },
    action: { workflowType: 'driftAuditWorkflow', taskQueue: 'queue', ...changes.action },
    policies: { overlap: 'SKIP', catchupWindow: 10_000, ...changes.policies },
    state: { paused: false, ...changes.state },
  };
  return described as unknown as ScheduleDescription;
}

describe('isOutdated', () => {
  it.each<[string, Parameters<typeof aSchedule>[0], boolean]>([
    ['our own', {}, false],
    ['one that is paused', { state: { paused: true } }, false],
    ['one of another interval', { spec: { intervals: [{ every: 30_000 }] } }, true],
    ['one without an interval', { spec: { intervals: [] } }, true],
    ['one of two intervals', { spec: { intervals: [{ every: 60_000 }, { every: 7 }] } }, true],
    ['one of another workflow', { action: { workflowType: 'other' } }, true],
    ['one of another queue', { action: { taskQueue: 'other' } }, true],
    ['one that overlaps', { policies: { overlap: 'ALLOW_ALL' } }, true],
    ['one that catches up', { policies: { catchupWindow: 60_000 } }, true],
  ])('%s', (_what, changes, expected) => {
    expect(isOutdated(aSchedule(changes), 'queue')).toBe(expected);
  });
});
