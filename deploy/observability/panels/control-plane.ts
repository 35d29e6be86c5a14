// Do controller and webhook keep up? (panels of the dashboard)
import { TASK_QUEUE } from '../../../api/names.ts';
import { quantile, rate, type Row } from '../panel.ts';

export const controlPlane: Row = {
  title: 'Controller and webhook',
  panels: [
    {
      title: 'Silence of the API server',
      description:
        'Since a watch last heard something. An API server says something every minute or so.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: 'time() - min by (kind) (dynvol_watch_last_event_timestamp_seconds)',
          legend: '{{kind}}',
        },
        {
          expression: rate('dynvol_watch_failures_total', 'kind'),
          legend: '{{kind}} failures a second',
        },
      ],
    },
    {
      title: 'Changes that Temporal does not know yet',
      description: 'Claims that wait, and for how long the oldest change has.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        { expression: 'max(dynvol_claims_waiting_for_signal)', legend: 'claims' },
        { expression: 'max(dynvol_claim_signal_max_age_seconds)', legend: 'oldest, seconds' },
        {
          expression: rate('temporal_request_failure_total', 'operation, status_code'),
          legend: '{{operation}} {{status_code}} a second',
        },
      ],
    },
    {
      title: 'Activities',
      description: 'How long they waited for a controller, and took.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: quantile(0.99, 'temporal_activity_schedule_to_start_latency_seconds', ''),
          legend: 'waited p99',
        },
        {
          expression: quantile(
            0.99,
            'temporal_activity_execution_latency_seconds',
            ', activity_type',
          ),
          legend: '{{activity_type}} p99',
        },
      ],
    },
    {
      title: 'Free places for tasks',
      description: 'A controller without free places takes nothing new.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expression: `min by (worker_type) (temporal_worker_task_slots_available{task_queue="${TASK_QUEUE}"})`,
          legend: '{{worker_type}}',
        },
      ],
    },
    {
      title: 'Reviews of the webhook',
      description: 'By result; the creation of a pod waits for them.',
      kind: 'timeseries',
      unit: 'ops',
      queries: [
        {
          expression: rate('dynvol_webhook_requests_total', 'webhook, result, reason'),
          legend: '{{webhook}} {{result}} ({{reason}})',
        },
      ],
    },
    {
      title: 'How long reviews take (p99)',
      description: 'The API server gives up after five seconds.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: quantile(0.99, 'dynvol_webhook_duration_seconds', ', webhook'),
          legend: '{{webhook}}',
        },
      ],
    },
  ],
};
