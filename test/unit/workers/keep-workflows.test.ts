// Is a claim signalled again whose workflow has not acted on a change?
import type { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { createWorkflowKeeper } from '../../../workers/keep-workflows.ts';
import { aClaim, aPod } from '../../builders/objects.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('a claim that waits for a minute is signalled again, and not in every round', async () => {
  const claim = aClaim({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const look = vi.fn<(claim: DynamicVolumeClaim) => void>();
  const stop = new AbortController();
  const keeper = createWorkflowKeeper({
    // Nobody was told anything, so Temporal is not asked.
    connection: {} as NativeConnection,
    namespace: 'default',
    view: { claims: () => [claim], podsIn: () => [aPod()] },
    look,
    log: pino({ level: 'silent' }),
  });

  const kept = keeper.run(stop.signal);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(look).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(look.mock.calls).toEqual([[claim]]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(look).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(look).toHaveBeenCalledTimes(2);

  stop.abort();
  await kept;
});

it('a claim whose workflow could not be looked at, because Temporal was away, is not forgotten', async () => {
  const describeWorkflowExecution = vi.fn<() => Promise<unknown>>();
  describeWorkflowExecution.mockRejectedValue(new Error('away'));
  const connection = {
    workflowService: { describeWorkflowExecution },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
  };
  const stop = new AbortController();
  const keeper = createWorkflowKeeper({
    connection: connection as unknown as NativeConnection,
    namespace: 'default',
    view: { claims: () => [], podsIn: () => [] },
    look: () => undefined,
    log: pino({ level: 'silent' }),
  });

  keeper.told(aClaim());
  const kept = keeper.run(stop.signal);
  await vi.advanceTimersByTimeAsync(65_000);
  expect(describeWorkflowExecution).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(describeWorkflowExecution).toHaveBeenCalledTimes(2);

  stop.abort();
  await kept;
});
