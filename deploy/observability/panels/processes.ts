// What do the processes use, and are they there? (panels of the dashboard)
import type { Row } from '../panel.ts';

export const processes: Row = {
  title: 'Processes',
  panels: [
    {
      title: 'Memory',
      description: 'Resident; of the agents the largest.',
      kind: 'timeseries',
      unit: 'bytes',
      queries: [
        {
          expression: 'max by (component) (process_resident_memory_bytes{job="dynvol-metrics"})',
          legend: '{{component}}',
        },
      ],
    },
    {
      title: 'Processors',
      description: 'In processors that are busy; of the agents the busiest.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expression:
            'max by (component) (rate(process_cpu_seconds_total{job="dynvol-metrics"}[$__rate_interval]))',
          legend: '{{component}}',
        },
      ],
    },
    {
      title: 'Certificates: time that is left',
      description: 'Those of agents last a day and renew themselves every twelve hours.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: 'min by (certificate) (dynvol_certificate_expiry_timestamp_seconds) - time()',
          legend: '{{certificate}}',
        },
      ],
    },
    {
      title: 'Processes that answer',
      description: 'Of those that Prometheus asks.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        { expression: 'sum by (component) (up{job="dynvol-metrics"})', legend: '{{component}}' },
      ],
    },
  ],
};
