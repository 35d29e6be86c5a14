// How does the controller reach Temporal, and tell a claim's workflow to look again?
import { Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import {
  buildWorkflowId,
  CLAIM_WORKFLOW_TYPE,
  RECONCILE_SIGNAL,
  TASK_QUEUE,
} from '../api/names.ts';
import { buildClaimFields } from '../logging/fields.ts';
import { buildBackoffMs, sleep } from '../watch/backoff.ts';
import type { KubernetesApi } from '../watch/kubernetes.ts';
import type { ReconcileSignal } from '../workflows/messages.ts';
import type { dynamicVolumeClaimWorkflow } from '../workflows/index.ts';
import { buildFirstSearchAttributes } from '../workflows/search-keys.ts';
import { readTemporalOptions, type TemporalSettings } from './temporal-options.ts';

const BACKOFF = { firstMs: 200, capMs: 5_000 };
/** Of each try, in milliseconds. */
export const SIGNAL_DEADLINE_MS = 10_000;

/**
 * Connects to Temporal's frontend, trying until it answers. Certificates and keys are read anew for each try.
 * @throws the signal's reason, when it aborts first
 */
export async function connectTemporal(
  settings: TemporalSettings,
  log: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await NativeConnection.connect(readTemporalOptions(settings));
    } catch (error) {
      log.warn({ err: error, address: settings.TEMPORAL_ADDRESS }, 'Temporal could not be reached');
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

export interface ClaimSignallerOptions {
  connection: NativeConnection;
  namespace: string;
  /** Tells whether a claim whose workflow has completed is there after all. */
  kubernetes: Pick<KubernetesApi, 'getClaim'>;
  log: Logger;
  /** Around each signal. */
  interceptors?: WorkflowClientInterceptor[] | undefined;
}

/**
 * Starts the claim's workflow if it does not run, and signals it in the same request. A workflow that failed or was
 * terminated is started again. One that completed has cleaned up its claim: it is started again only if the API
 * server has the claim, as after its database was restored from a backup.
 */
export function createClaimSignaller(options: ClaimSignallerOptions) {
  const { connection, namespace, kubernetes, log, interceptors = [] } = options;
  const client = new Client({ connection, namespace, interceptors: { workflow: interceptors } });
  return async (claim: DynamicVolumeClaim, payload: ReconcileSignal): Promise<void> => {
    try {
      await signalOnce(client, claim, payload, 'ALLOW_DUPLICATE_FAILED_ONLY');
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (!(await isThere(kubernetes, claim))) return;
      log.warn(buildClaimFields(claim.metadata), 'A claim that was deleted is there again');
      await signalOnce(client, claim, payload, 'ALLOW_DUPLICATE');
    }
  };
}

async function signalOnce(
  client: Client,
  claim: DynamicVolumeClaim,
  payload: ReconcileSignal,
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' | 'ALLOW_DUPLICATE',
): Promise<void> {
  const { namespace, name, uid } = claim.metadata;
  const identity = { namespace, name, uid };
  await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
    client.workflow.signalWithStart<typeof dynamicVolumeClaimWorkflow, [ReconcileSignal]>(
      CLAIM_WORKFLOW_TYPE,
      {
        workflowId: buildWorkflowId(identity),
        taskQueue: TASK_QUEUE,
        args: [identity],
        signal: RECONCILE_SIGNAL,
        signalArgs: [payload],
        workflowIdReusePolicy,
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: buildSummary(claim),
        typedSearchAttributes: buildFirstSearchAttributes(identity),
      },
    ),
  );
}

/** A cache that lags behind may still have it: the API server is asked. */
async function isThere(
  kubernetes: Pick<KubernetesApi, 'getClaim'>,
  { metadata }: DynamicVolumeClaim,
): Promise<boolean> {
  const found = await kubernetes.getClaim(metadata.namespace, metadata.name);
  return found?.metadata.uid === metadata.uid && found.metadata.deletionTimestamp === undefined;
}
