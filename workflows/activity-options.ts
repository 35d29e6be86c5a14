// How long may each activity take, and how is it tried again?
import { isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ClaimActivities } from '../activities/contract.ts';

/**
 * Short Kubernetes calls, inside the workflow task: one event each. Signals wait while one runs, so it
 * gives up early and {@link patiently} takes over.
 *
 * No startToCloseTimeout: for each attempt that fails, SDK core 1.24 leaves a timer behind, which panics
 * after the worker has stopped.
 */
export const promptly = proxyLocalActivities<ClaimActivities>({
  scheduleToCloseTimeout: '5 seconds',
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 3 },
});

/** The same calls while the API server is away: the server retries them, which costs no history. */
export const patiently = proxyActivities<ClaimActivities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/**
 * Work on a node. Failures are results, so a retry only follows a lost worker; the heartbeat finds that
 * out and brings the cancellation. An attempt that was cancelled is waited for: nothing may be mounted
 * after the clean-up.
 */
export const onNode = proxyActivities<ClaimActivities>({
  startToCloseTimeout: '100 seconds',
  heartbeatTimeout: '5 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** Tries inside the workflow task, and when that fails leaves the retries to the server. */
export async function persist<T>(prompt: () => Promise<T>, patient: () => Promise<T>): Promise<T> {
  try {
    return await prompt();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return await patient();
  }
}
