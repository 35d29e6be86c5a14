// Which metrics of others do alerts and dashboard use, with which labels?

/** Labels that Prometheus adds to every series of our pods (deploy/chart/templates/servicemonitor.yaml). */
export const TARGET_LABELS = ['component', 'instance', 'job', 'namespace', 'node', 'pod'] as const;

interface OtherMetric {
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  /** Who exports it. */
  source: 'Prometheus' | "Temporal's SDK, in the controller";
  help: string;
}

const sdk = "Temporal's SDK, in the controller";
const ofQueue = ['namespace', 'service_name', 'task_queue'];

/** Only what is used; the SDK has many more (https://docs.temporal.io/references/sdk-metrics). */
export const OTHER_METRICS: Record<string, OtherMetric> = {
  up: { type: 'gauge', labels: [], source: 'Prometheus', help: 'Whether a process answered.' },
  temporal_workflow_task_schedule_to_start_latency_seconds: {
    type: 'histogram',
    labels: ofQueue,
    source: sdk,
    help: 'How long workflows waited for a controller.',
  },
  temporal_activity_schedule_to_start_latency_seconds: {
    type: 'histogram',
    labels: ofQueue,
    source: sdk,
    help: 'How long activities waited for a controller.',
  },
  temporal_activity_execution_latency_seconds: {
    type: 'histogram',
    labels: [...ofQueue, 'activity_type', 'workflow_type'],
    source: sdk,
    help: 'How long activities took.',
  },
  temporal_worker_task_slots_available: {
    type: 'gauge',
    labels: [...ofQueue, 'worker_type'],
    source: sdk,
    help: 'How many more tasks a controller could take.',
  },
  temporal_request_failure_total: {
    type: 'counter',
    labels: ['namespace', 'operation', 'service_name', 'status_code'],
    source: sdk,
    help: 'Requests to Temporal that failed.',
  },
};
