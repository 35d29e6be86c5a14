// How does this process run claims' workflows and their activities?
import { Worker } from '@temporalio/worker';
import type { ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker';
import type { createActivities } from '../activities/index.ts';
import { TASK_QUEUE } from '../api/names.ts';

/** About 1 MB each in memory; a workflow that falls out of the cache is replayed when it is signalled. */
const MAX_CACHED_WORKFLOWS = 300;
/** An activity mostly waits for a node or a mount pod, so many may be under way. */
const MAX_ACTIVITIES = 500;
/** Until activities that do not end are left, in milliseconds. */
export const WORKER_STOP_MS = 25_000;

export interface ClaimWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  /** File made by `bundle-workflows.ts`. */
  bundlePath: string;
  activities: ReturnType<typeof createActivities>;
  /** Around each activity. */
  interceptors?: ActivityInterceptorsFactory[] | undefined;
}

/** Creates the Temporal worker; `run()` it. It ends activities 20 s after `shutdown()`, long before a pod's 60 s are over. */
export function createClaimWorker(options: ClaimWorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: options.bundlePath },
    activities: options.activities,
    interceptors: { activity: options.interceptors ?? [] },
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES,
    // A cancelled attempt learns of it with its next heartbeat; the default sends one in 4 s.
    maxHeartbeatThrottleInterval: '500 milliseconds',
    shutdownGraceTime: '20 seconds',
    shutdownForceTime: WORKER_STOP_MS,
  });
}
