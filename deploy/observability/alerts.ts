// When is somebody told, and where is it said what to do? (Prometheus alerting rules)
import { EXCUSED_REASONS } from '../../api/conditions.ts';
import { TASK_QUEUE } from '../../api/names.ts';

/** The page that alerts refer to; each anchor is a heading of it. */
export const RUNBOOK = 'docs/how-to/troubleshoot.md';

/** One rule. Labels of its series may be named in texts as `{{ $labels.node }}`. */
export interface Alert {
  name: string;
  /** PromQL. Every controller tells of all claims, so theirs are never added up. */
  expression: string;
  /** For how long it must hold, as Prometheus writes durations. */
  holds: string;
  /** `critical`: storage is missing, or pods cannot start; `warning`: it will be, or is for some. */
  severity: 'critical' | 'warning';
  summary: string;
  description: string;
}

const up = (component: string) => `up{job="dynvol-metrics",component="${component}"}`;
const days = (count: number) => count * 86_400;
const expiresWithin = (certificates: string, seconds: number) =>
  `min by (certificate) (dynvol_certificate_expiry_timestamp_seconds{${certificates}}) - time() < ${seconds}`;

const PROCESS_ALERTS: Alert[] = [
  {
    name: 'DynvolControllerDown',
    expression: `absent(${up('controller')} == 1)`,
    holds: '5m',
    severity: 'critical',
    summary: 'No controller of dynvol answers.',
    description:
      'Nothing new is attached or detached. What is mounted goes on serving, and agents bring dead mounts back.',
  },
  {
    name: 'DynvolWebhookDown',
    expression: `absent(${up('webhook')} == 1)`,
    holds: '5m',
    severity: 'critical',
    summary: 'No webhook of dynvol answers.',
    description: 'Pods that ask for a volume root cannot be created.',
  },
  {
    name: 'DynvolAgentMissing',
    expression: 'max(dynvol_nodes_without_agent) > 0',
    holds: '10m',
    severity: 'warning',
    summary: 'Nodes that have pods with a volume root and no ready node agent: {{ $value }}.',
    description: 'Nothing is attached or detached there; pods with a volume root do not start.',
  },
  {
    name: 'DynvolAgentDown',
    expression: `${up('csi-node')} == 0`,
    holds: '10m',
    severity: 'warning',
    summary: 'The node agent on {{ $labels.node }} does not answer.',
    description: 'Nothing is attached or detached there, and mounts that die are not brought back.',
  },
  {
    name: 'DynvolAgentCallsFailing',
    expression:
      'sum by (method) (rate(dynvol_agent_rpc_client_duration_seconds_count{code!~"OK|CANCELLED"}[10m])) / sum by (method) (rate(dynvol_agent_rpc_client_duration_seconds_count[10m])) > 0.2',
    holds: '15m',
    severity: 'warning',
    summary: 'More than a fifth of the calls {{ $labels.method }} of node agents fail.',
    description:
      'Certificates, network policies, or agents that do not run keep the controller from them.',
  },
  {
    name: 'DynvolWatchSilent',
    expression:
      'time() - max by (kind, pod) (dynvol_watch_last_event_timestamp_seconds{kind!="secrets"}) > 300',
    holds: '2m',
    severity: 'critical',
    summary:
      'The controller {{ $labels.pod }} has heard nothing of {{ $labels.kind }} for five minutes.',
    description:
      'An API server says something every minute or so: changes do not reach this controller.',
  },
  {
    // A watch that has never heard anything is not silent: it has no series. Without Temporal nothing is listed.
    name: 'DynvolCachesIncomplete',
    expression:
      'max by (pod) (dynvol_controller_waiting_seconds{for="caches"} > 300 unless on (pod) dynvol_controller_waiting_seconds{for="Temporal"} > 0)',
    holds: '2m',
    severity: 'critical',
    summary:
      'The controller {{ $labels.pod }} has not got the objects of the cluster for {{ $value | humanizeDuration }}.',
    description: 'It attaches and detaches nothing before it has listed them all.',
  },
  {
    name: 'DynvolCertificateExpiring',
    expression: expiresWithin('certificate!="agent"', days(30)),
    holds: '1h',
    severity: 'warning',
    summary:
      'The certificate {{ $labels.certificate }} expires in {{ $value | humanizeDuration }}.',
    description:
      'When it has expired, the webhook refuses pods, or controller and agents do not speak.',
  },
  {
    name: 'DynvolAgentCertificateNotRenewed',
    expression: expiresWithin('certificate="agent"', 6 * 3_600),
    holds: '10m',
    severity: 'warning',
    summary:
      'A node agent has not renewed its certificate; it expires in {{ $value | humanizeDuration }}.',
    description: 'Agents renew theirs every twelve hours: this one cannot enrol at the controller.',
  },
  {
    name: 'DynvolWebhookFailing',
    expression:
      'sum by (webhook) (increase(dynvol_webhook_requests_total{result="failed"}[10m])) > 0',
    holds: '10m',
    severity: 'warning',
    summary: 'The webhook {{ $labels.webhook }} fails to answer reviews.',
    description: 'Pods that it is asked about are refused; claims and classes are not checked.',
  },
  {
    name: 'DynvolWebhookSlow',
    expression:
      'histogram_quantile(0.99, sum by (le, webhook) (rate(dynvol_webhook_duration_seconds_bucket[10m]))) > 2',
    holds: '10m',
    severity: 'warning',
    summary: 'One in a hundred reviews of {{ $labels.webhook }} takes over two seconds.',
    description: 'The API server waits for five seconds, then it refuses the pod.',
  },
];

const STORAGE_ALERTS: Alert[] = [
  {
    name: 'DynvolClaimsNotReady',
    expression: `max by (reason) (dynvol_claim_not_ready_max_age_seconds{reason!~"${EXCUSED_REASONS.join('|')}"}) > 900`,
    holds: '1m',
    severity: 'warning',
    summary:
      'A claim has not been ready for {{ $value | humanizeDuration }}, for the reason {{ $labels.reason }}.',
    description: 'Pods lack the storage of this claim.',
  },
  {
    name: 'DynvolDeletionStuck',
    expression: 'max(dynvol_claim_deletion_max_age_seconds) > 900',
    holds: '1m',
    severity: 'warning',
    summary: 'A claim has been under deletion for {{ $value | humanizeDuration }}.',
    description: 'Something of it cannot be taken away.',
  },
  {
    name: 'DynvolDetachBlocked',
    expression: 'sum by (node) (dynvol_unmount_stuck{reason="IN_USE"}) > 0',
    holds: '10m',
    severity: 'warning',
    summary: 'Mounts on {{ $labels.node }} that were to go and are in use: {{ $value }}.',
    description:
      'Somebody gave a long grace, or files of a source that was replaced are still open.',
  },
  {
    name: 'DynvolUploadsStuck',
    expression: 'sum by (node) (dynvol_unmount_stuck{reason="FLUSHING"}) > 0',
    holds: '30m',
    severity: 'warning',
    summary:
      'Mounts on {{ $labels.node }} that wait for the upload of what was written: {{ $value }}.',
    description: 'The storage does not take what a class with cached writes has acknowledged.',
  },
  {
    name: 'DynvolUnmountStuck',
    expression: 'sum by (node, reason) (dynvol_unmount_stuck{reason!~"IN_USE|FLUSHING"}) > 0',
    holds: '10m',
    severity: 'critical',
    summary:
      'Mounts on {{ $labels.node }} that cannot be taken away ({{ $labels.reason }}): {{ $value }}.',
    description: 'Neither the plain way nor force has worked.',
  },
  {
    name: 'DynvolMountsNotServing',
    expression: 'sum by (node, state) (dynvol_mounts{state!="serving"}) > 0',
    holds: '5m',
    severity: 'critical',
    summary: 'Mounts on {{ $labels.node }} that are {{ $labels.state }}: {{ $value }}.',
    description:
      'Pods get errors or wait there, and the agent has not brought them back by itself.',
  },
  {
    name: 'DynvolRecoveryStorm',
    expression: 'sum by (node) (increase(dynvol_recoveries_total[15m])) > 10',
    holds: '1m',
    severity: 'warning',
    summary:
      'Storage on {{ $labels.node }} was brought back {{ $value | humanize }} times in 15 minutes.',
    description:
      'Storage clients end again and again; whoever had files open gets errors each time.',
  },
  {
    name: 'DynvolAttachSlow',
    expression:
      'histogram_quantile(0.95, sum by (le, start) (rate(dynvol_mount_duration_seconds_bucket{phase="total",start!="cold"}[15m]))) > 5',
    holds: '15m',
    severity: 'warning',
    summary:
      'One attach in twenty takes over five seconds although its mount pod runs ({{ $labels.start }}).',
    description: 'The storage answers slowly, or CPU limits slow mount pods down.',
  },
];

const WORKFLOW_ALERTS: Alert[] = [
  {
    name: 'DynvolTemporalUnreachable',
    // The first has no series until a controller has reached Temporal; the second is 0 from then on.
    expression:
      'max(dynvol_claim_signal_max_age_seconds) > 60 or max(dynvol_controller_waiting_seconds{for="Temporal"}) > 60',
    holds: '2m',
    severity: 'critical',
    summary: 'Temporal has taken nothing from a controller for {{ $value | humanizeDuration }}.',
    description: 'Nothing new is attached or detached. What is mounted goes on serving.',
  },
  {
    name: 'DynvolWorkflowBacklog',
    expression: `histogram_quantile(0.95, sum by (le) (rate(temporal_workflow_task_schedule_to_start_latency_seconds_bucket{task_queue="${TASK_QUEUE}"}[10m]))) > 5`,
    holds: '10m',
    severity: 'warning',
    summary: "Claims' workflows wait for a controller for over five seconds.",
    description: 'The controllers are too few, too slow, or not connected.',
  },
  {
    name: 'DynvolActivitySlotsUsedUp',
    expression: `min by (pod) (temporal_worker_task_slots_available{task_queue="${TASK_QUEUE}",worker_type="ActivityWorker"}) == 0`,
    holds: '10m',
    severity: 'warning',
    summary: 'The controller {{ $labels.pod }} has no place for another activity.',
    description: 'Calls to nodes wait; most likely many agents or mount pods do not answer.',
  },
];

/** Groups of rules, by name. */
export const ALERTS: Record<string, Alert[]> = {
  'dynvol-processes': PROCESS_ALERTS,
  'dynvol-storage': STORAGE_ALERTS,
  'dynvol-workflows': WORKFLOW_ALERTS,
};

/** Anchor of an alert's heading on the page. */
export function buildAnchor({ name }: Alert): string {
  return name.toLowerCase();
}

/** `spec.groups` of a PrometheusRule, or `groups` of a file of rules. */
export function buildRuleGroups(): object[] {
  return Object.entries(ALERTS).map(([name, alerts]) => ({ name, rules: alerts.map(buildRule) }));
}

function buildRule(alert: Alert): object {
  const { name, expression, holds, severity, summary, description } = alert;
  const runbook = `${RUNBOOK}#${buildAnchor(alert)}`;
  return {
    alert: name,
    expr: expression,
    for: holds,
    labels: { severity },
    annotations: { summary, description, runbook_url: runbook },
  };
}
