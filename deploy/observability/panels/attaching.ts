// How long does it take until storage is there? (panels of the dashboard)
import { TASK_QUEUE } from '../../../api/names.ts';
import { halfAndNearlyAll, quantile, rate, type Row } from '../panel.ts';

export const attaching: Row = {
  title: 'Attaching',
  panels: [
    {
      title: 'Attach, all of it',
      description:
        'On the node, from the call until the pod sees the storage. cold: the mount pod had to start; warm: it ran; mounted: the node had the source already.',
      kind: 'timeseries',
      unit: 's',
      queries: halfAndNearlyAll(
        'dynvol_mount_duration_seconds',
        ', start',
        '{{start}}',
        '{phase="total"}',
      ),
    },
    {
      title: 'Attach, by phase (p99)',
      description:
        'mount_pod: until it listens; source: until the storage is mounted and answers; attach: until the pod sees it.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: quantile(
            0.99,
            'dynvol_mount_duration_seconds',
            ', phase, start',
            '{phase!="total"}',
          ),
          legend: '{{phase}} ({{start}})',
        },
      ],
    },
    {
      title: 'Operations',
      description: 'Mounts made and taken away; what is not OK is tried again.',
      kind: 'timeseries',
      unit: 'ops',
      queries: [
        {
          expression: rate('dynvol_mount_operations_total', 'op, result'),
          legend: '{{op}} {{result}}',
        },
      ],
    },
    {
      title: 'From a change to the look at it',
      description:
        "signal: until Temporal has taken the signal; workflow: until a controller has begun with the claim's workflow. Together they are the lag of the control plane.",
      kind: 'timeseries',
      unit: 's',
      queries: [
        ...halfAndNearlyAll('dynvol_claim_signal_duration_seconds', '', 'signal'),
        ...halfAndNearlyAll(
          'temporal_workflow_task_schedule_to_start_latency_seconds',
          '',
          'workflow',
          `{task_queue="${TASK_QUEUE}"}`,
        ),
      ],
    },
  ],
};
