// How does the controller reach Temporal, and tell a claim's workflow to look again?
import { Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import {
  buildWorkflowId,
  CLAIM_WORKFLOW_TYPE,
  RECONCILE_SIGNAL,
  TASK_QUEUE,
} from '../api/names.ts';
import { buildBackoffMs, sleep } from '../watch/backoff.ts';
import type { ReconcileSignal } from '../workflows/messages.ts';
import type { dynamicVolumeClaimWorkflow } from '../workflows/index.ts';
import { buildFirstSearchAttributes } from '../workflows/search-keys.ts';

const BACKOFF = { firstMs: 200, capMs: 5_000 };
const SIGNAL_DEADLINE_MS = 10_000;

/**
 * Connects to Temporal's frontend, trying until it answers.
 * @throws the signal's reason, when it aborts first
 */
export async function connectTemporal(
  address: string,
  log: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      log.warn({ err: error, address }, 'Temporal could not be reached');
      await sleep(buildBackoffMs(BACKOFF, failures, Math.random()), signal);
    }
  }
}

/** Shown as the workflow's title in Temporal's UI; at most 200 bytes. */
export function buildSummary(claim: DynamicVolumeClaim): string {
  const { metadata, spec } = claim;
  const full = `s3 ${spec.s3Config.bucket} -> ${spec.mountpoint} (${metadata.namespace}/${metadata.name})`;
  return Buffer.from(full)
    .subarray(0, 200)
    .toString()
    .replace(/\uFFFD+$/, '');
}

/**
 * Starts the claim's workflow if it does not run, and signals it in the same request. A workflow that failed or was
 * terminated is started again; one that completed is not, because then its claim has been cleaned up.
 */
export function createClaimSignaller(connection: NativeConnection, namespace: string, log: Logger) {
  const client = new Client({ connection, namespace });
  return async (claim: DynamicVolumeClaim, payload: ReconcileSignal): Promise<void> => {
    const { namespace: claimNamespace, name, uid } = claim.metadata;
    const identity = { namespace: claimNamespace, name, uid };
    const workflowId = buildWorkflowId(identity);
    try {
      await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
        client.workflow.signalWithStart<typeof dynamicVolumeClaimWorkflow, [ReconcileSignal]>(
          CLAIM_WORKFLOW_TYPE,
          {
            workflowId,
            taskQueue: TASK_QUEUE,
            args: [identity],
            signal: RECONCILE_SIGNAL,
            signalArgs: [payload],
            workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
            workflowIdConflictPolicy: 'USE_EXISTING',
            staticSummary: buildSummary(claim),
            typedSearchAttributes: buildFirstSearchAttributes(identity),
          },
        ),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      log.debug({ workflowId }, 'Workflow of the claim has completed already');
    }
  };
}
