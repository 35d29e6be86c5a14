// What does a person read about the metrics? (docs/reference/metrics.md; no process imports it)
import { findMetric, METRICS } from './metrics.ts';
import type { MetricName, MetricProcess } from './metrics.ts';

const PROCESSES: Record<MetricProcess, { title: string; port: number }> = {
  controller: { title: 'Controller', port: 9812 },
  webhook: { title: 'Webhook', port: 9813 },
  'csi-node': { title: 'Node agent', port: 9811 },
};

/** Builds the page of all metrics. */
export function buildMetricsPage(): string {
  const names = Object.keys(METRICS) as MetricName[];
  const isOfAll = (name: MetricName) =>
    findMetric(name).processes.length === Object.keys(PROCESSES).length;
  const sections = Object.entries(PROCESSES).flatMap(([process, { title, port }]) => [
    `## ${title}`,
    '',
    `At \`/metrics\` of port ${port} (\`health\`) of pods with \`app.kubernetes.io/component: ${process}\`.`,
    '',
    ...names
      .filter(
        (name) => !isOfAll(name) && findMetric(name).processes.includes(process as MetricProcess),
      )
      .flatMap(formatMetric),
  ]);
  return [
    '# Metrics',
    '',
    "Every metric of our processes, in Prometheus' text format. None has the name of a claim, pod, node or bucket as a label; how each claim fares tells [kube-state-metrics](../how-to/monitor.md#each-claim-by-its-name).",
    '',
    'Generated from `api/metrics.ts` by `npm run generate`; do not edit. [How to collect them](../how-to/monitor.md).',
    '',
    ...sections,
    "The controller passes on the metrics of [Temporal's SDK](https://docs.temporal.io/references/sdk-metrics) as well: names begin with `temporal_`, durations are in seconds, counters end in `_total`. `temporal_workflow_task_schedule_to_start_latency_seconds` is how long claims' workflows wait for a controller.",
    '',
    '## All of them',
    '',
    ...names.filter(isOfAll).flatMap(formatMetric),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function formatMetric(name: MetricName): string[] {
  const { type, help, labels, buckets } = findMetric(name);
  const rows = Object.entries(labels).map(([label, values]) => `- \`${label}\`: ${values}`);
  return [
    `### ${name}`,
    '',
    `${capitalize(type)}. ${help}`,
    '',
    ...(rows.length > 0 ? [...rows, ''] : []),
    ...(buckets ? [`Upper bounds: ${buckets.join(', ')}.`, ''] : []),
  ];
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
