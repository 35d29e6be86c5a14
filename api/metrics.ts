// Which metrics do our processes export, with which labels? (the one table: exposition, reference, alerts and dashboard follow it)
import { COMPONENTS } from './names.ts';

/** The processes that export metrics, by the component of their pods. */
export type MetricProcess = Exclude<(typeof COMPONENTS)[keyof typeof COMPONENTS], 'mount-pod'>;

const { agent, controller, webhook } = COMPONENTS;

/** Upper bounds in seconds: an attach takes from 10 ms (warm) to a minute (a mount pod that starts slowly). */
const ATTACH_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Upper bounds in seconds of calls between our processes. */
export const CALL_BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 5, 15, 60];
/** Upper bounds in seconds of what a person who creates a pod waits for; the API server gives up after 5 s. */
const REVIEW_BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 3, 5];

interface MetricRow {
  type: 'counter' | 'gauge' | 'histogram';
  /** Names of the labels, with what their values are. Never a name of a pod, claim, node or bucket. */
  labels: Record<string, string>;
  processes: readonly MetricProcess[];
  help: string;
  /** Upper bounds of a histogram. */
  buckets?: readonly number[];
}

const GRPC_CODE = 'name of the gRPC status, `OK` when it went well';
const PROVIDER = 'kind of storage: `s3`';

/** Every metric of ours. Times are in seconds, sizes in bytes; a counter ends in `_total`. */
export const METRICS = {
  dynvol_mount_operations_total: {
    type: 'counter',
    labels: {
      op: '`attach` or `detach`',
      provider: PROVIDER,
      result: '`OK`, or a code of the error table such as `IN_USE`',
    },
    processes: [agent],
    help: 'Mounts that the agent was asked to make or to take away, one for each pod and try.',
  },
  dynvol_mount_duration_seconds: {
    type: 'histogram',
    labels: {
      phase:
        '`mount_pod` (until it listens), `source` (until the storage is mounted and answers), `attach` (until the pod sees it) or `total`',
      start:
        '`cold` (the mount pod had to be waited for), `warm` (it listened already) or `mounted` (the source was mounted on the node already)',
    },
    processes: [agent],
    help: 'How long the phases of an attach that succeeded took on the node.',
    buckets: ATTACH_BUCKETS,
  },
  dynvol_mounts: {
    type: 'gauge',
    labels: { provider: PROVIDER, state: '`serving`, `failing`, `hung` or `dead`' },
    processes: [agent],
    help: 'Mounts that pods of the node see, by whether they serve.',
  },
  dynvol_recoveries_total: {
    type: 'counter',
    labels: { provider: PROVIDER },
    processes: [agent],
    help: 'Sources that did not serve and serve again.',
  },
  dynvol_unmount_stuck: {
    type: 'gauge',
    labels: { provider: PROVIDER, reason: 'code of the last try, such as `IN_USE` or `FLUSHING`' },
    processes: [agent],
    help: 'Mounts that were to be taken away and are still there.',
  },
  dynvol_csi_grpc_duration_seconds: {
    type: 'histogram',
    labels: { method: 'name of the CSI method', code: GRPC_CODE },
    processes: [agent],
    help: "How long the kubelet's CSI calls took.",
    buckets: CALL_BUCKETS,
  },
  dynvol_agent_rpc_server_duration_seconds: {
    type: 'histogram',
    labels: { method: 'name of the method of the agent API', code: GRPC_CODE },
    processes: [agent],
    help: 'How long calls of the agent API took, as the agent sees them; `Watch`, which lasts, aside.',
    buckets: CALL_BUCKETS,
  },
  dynvol_agent_rpc_client_duration_seconds: {
    type: 'histogram',
    labels: { method: 'name of the method of the agent API', code: GRPC_CODE },
    processes: [controller],
    help: 'How long calls of the agent API took, as the controller sees them: connecting counts.',
    buckets: CALL_BUCKETS,
  },
  dynvol_claims: {
    type: 'gauge',
    labels: {
      ready: '`True` or `False`',
      reason: 'reason of the condition Ready; `Unknown` before the first look',
    },
    processes: [controller],
    help: 'Claims of the cluster. Every controller tells all of them.',
  },
  dynvol_claim_not_ready_max_age_seconds: {
    type: 'gauge',
    labels: { reason: 'reason of the condition Ready; `Unknown` before the first look' },
    processes: [controller],
    help: 'For how long the claim that has waited longest has not been ready. What it spent before for a reason that nobody has to mend, such as `Detached`, counts for that reason only. Claims under deletion aside.',
  },
  dynvol_claim_deletion_max_age_seconds: {
    type: 'gauge',
    labels: {},
    processes: [controller],
    help: 'For how long the claim that has waited longest has been under deletion; 0 when there is none.',
  },
  dynvol_claim_signal_duration_seconds: {
    type: 'histogram',
    labels: {},
    processes: [controller],
    help: "From a change in the cluster until Temporal has taken the signal for the claim's workflow.",
    buckets: CALL_BUCKETS,
  },
  dynvol_claims_waiting_for_signal: {
    type: 'gauge',
    labels: {},
    processes: [controller],
    help: 'Claims whose workflow is still to be told of a change.',
  },
  dynvol_claim_signal_max_age_seconds: {
    type: 'gauge',
    labels: {},
    processes: [controller],
    help: 'For how long the change that has waited longest has waited to be told; 0 when there is none.',
  },
  dynvol_controller_waiting_seconds: {
    type: 'gauge',
    labels: { for: '`Temporal` or `caches`' },
    processes: [controller],
    help: 'For how long a controller that is not ready has waited for this since it started; 0 once it is there.',
  },
  dynvol_watch_last_event_timestamp_seconds: {
    type: 'gauge',
    labels: { kind: '`claims`, `classes`, `pods` or `secrets`' },
    processes: [controller],
    help: 'When a watch last heard of the API server: an event, a bookmark, or its regular end.',
  },
  dynvol_watch_last_sync_timestamp_seconds: {
    type: 'gauge',
    labels: { kind: '`claims`, `classes`, `pods` or `secrets`' },
    processes: [controller],
    help: 'When a complete list last came in.',
  },
  dynvol_watch_failures_total: {
    type: 'counter',
    labels: { kind: '`claims`, `classes`, `pods` or `secrets`' },
    processes: [controller],
    help: 'Lists and watches that failed, broke off or went silent; each is tried again.',
  },
  dynvol_nodes_without_agent: {
    type: 'gauge',
    labels: {},
    processes: [controller],
    help: 'Nodes with pods that have a volume root, started or not, and without a node agent that is ready.',
  },
  dynvol_webhook_requests_total: {
    type: 'counter',
    labels: {
      webhook: 'path without its slash, such as `mutate-pods`',
      result: '`allowed`, `patched`, `warned`, `denied` or `failed`',
      reason:
        '`none`; of a denial `refused` or `too_early`; of a failure `malformed` or `internal`',
    },
    processes: [webhook],
    help: 'Reviews that the API server asked for.',
  },
  dynvol_webhook_duration_seconds: {
    type: 'histogram',
    labels: { webhook: 'path without its slash, such as `mutate-pods`' },
    processes: [webhook],
    help: 'How long reviews took. The creation of a pod waits for them.',
    buckets: REVIEW_BUCKETS,
  },
  dynvol_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: { certificate: '`agent`, `controller`, `authority` or `webhook`' },
    processes: [agent, controller, webhook],
    help: 'When a certificate that the process uses expires. Absent while there is none.',
  },
  process_cpu_seconds_total: {
    type: 'counter',
    labels: {},
    processes: [agent, controller, webhook],
    help: 'Time that the process has spent on processors.',
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    labels: {},
    processes: [agent, controller, webhook],
    help: 'Resident memory of the process.',
  },
  process_open_fds: {
    type: 'gauge',
    labels: {},
    processes: [agent, controller, webhook],
    help: 'File descriptors that the process has open.',
  },
  process_start_time_seconds: {
    type: 'gauge',
    labels: {},
    processes: [agent, controller, webhook],
    help: 'When the process started.',
  },
  nodejs_heap_size_used_bytes: {
    type: 'gauge',
    labels: {},
    processes: [agent, controller, webhook],
    help: "Memory in use of the process's JavaScript heap.",
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;

/** Names of the metrics of one type. */
export type MetricOf<Type extends MetricRow['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

/** A value for each label of a metric. */
export type MetricLabels<Name extends MetricName> = Record<
  keyof (typeof METRICS)[Name]['labels'],
  string
>;

/** A row of the table, of whichever metric. */
export function findMetric(name: MetricName): MetricRow {
  return METRICS[name];
}
