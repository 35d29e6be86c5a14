// What does Temporal's SDK measure in this process?
import type { RuntimeOptions } from '@temporalio/worker';
import { CALL_BUCKETS } from '../api/metrics.ts';
import { TEMPORAL_METRICS_PORT } from '../api/names.ts';

/** Own process and loopback: this is for the case that it never answers. */
const READ_DEADLINE_MS = 2_000;

type Metrics = NonNullable<NonNullable<RuntimeOptions['telemetryOptions']>['metrics']>;

/**
 * For `Runtime.install`. The SDK can tell its metrics only at a port of its own; names and units as Prometheus wants them, and
 * lags in the same steps as ours: the SDK's own begin at 100 ms.
 */
export const TEMPORAL_METRICS: Metrics = {
  prometheus: {
    bindAddress: `127.0.0.1:${TEMPORAL_METRICS_PORT}`,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: {
      workflow_task_schedule_to_start_latency: CALL_BUCKETS,
      activity_schedule_to_start_latency: CALL_BUCKETS,
    },
  },
};

/** The SDK's metrics in Prometheus' text format; "" when they cannot be had, so that ours are told all the same. */
export async function readTemporalMetrics(): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${TEMPORAL_METRICS_PORT}/metrics`, {
      signal: AbortSignal.timeout(READ_DEADLINE_MS),
    });
    return answer.ok ? await answer.text() : '';
  } catch {
    return '';
  }
}
