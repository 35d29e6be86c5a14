// Do lines of Temporal's SDK name claim, workflow and attempt as all others do?
import { expect, it } from 'vitest';
import { createLogger } from '../../../logging/logger.ts';
import { adaptLogger, buildFields } from '../../../workers/temporal-logger.ts';

/** What the SDK adds to a line of an activity. */
const ACTIVITY = {
  isLocal: false,
  attempt: 2,
  namespace: 'default',
  taskToken: 'dG9rZW4=',
  workflowId: 'dvc/shop/pictures/claim-uid',
  workflowRunId: 'run',
  workflowType: 'dynamicVolumeClaimWorkflow',
  activityId: '3',
  activityType: 'attachNode',
  taskQueue: 'dynamic-volume',
};

const CLAIM_FIELDS = {
  claim: 'shop/pictures',
  claimUid: 'claim-uid',
  workflowId: ACTIVITY.workflowId,
  runId: 'run',
  activity: 'attachNode',
  attempt: 2,
};

it('names claim, workflow, activity and attempt of what an activity says', () => {
  const meta = { ...ACTIVITY, sdkComponent: 'activity', node: 'node1', err: 'away' };
  expect(buildFields(meta)).toEqual({ ...CLAIM_FIELDS, node: 'node1', err: 'away' });
});

it("marks the SDK's own words, and keeps what only it knows in one field", () => {
  const error = new Error('boom');
  const meta = { ...ACTIVITY, sdkComponent: 'worker', error, durationMs: 7, pollers: { count: 3 } };
  expect(buildFields(meta)).toEqual({
    ...CLAIM_FIELDS,
    err: error,
    durationMs: 7,
    details: '{"pollers":{"count":3}}',
    library: 'temporal',
  });
});

it('writes lines of the level that is wanted, in JSON', () => {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = createLogger({ component: 'controller' }, 'info', { write });
  const adapted = adaptLogger(log);
  adapted.debug('Activity started', ACTIVITY);
  adapted.log('WARN', 'Activity failed', { ...ACTIVITY, error: new Error('boom') });
  log.level = 'debug';
  adapted.debug('Activity started');
  const told = lines.map((line) => JSON.parse(line) as object);
  expect(told).toMatchObject([
    { level: 'warn', msg: 'Activity failed', err: 'boom', claim: 'shop/pictures' },
    { level: 'debug', msg: 'Activity started', library: 'temporal' },
  ]);
});
