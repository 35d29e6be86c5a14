// Does every query of the alerts and the dashboard ask for metrics and labels that exist?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ALL_REASONS } from '../../../../api/conditions.ts';
import { findMetric, METRICS } from '../../../../api/metrics.ts';
import type { MetricName } from '../../../../api/metrics.ts';
import { ALERTS, buildAnchor, RUNBOOK } from '../../../../deploy/observability/alerts.ts';
import { buildDashboard } from '../../../../deploy/observability/dashboard.ts';
import { findStaleChartFiles } from '../../../../deploy/install/generate.ts';
import { OTHER_METRICS, TARGET_LABELS } from '../../../../deploy/observability/other-metrics.ts';
import { ROWS } from '../../../../deploy/observability/rows.ts';
import { parseQuery } from '../../../promql.ts';

const root = join(import.meta.dirname, '../../../..');
const alerts = Object.values(ALERTS).flat();
const panels = ROWS.flatMap((row) => row.panels);
const queries: [string, string][] = [
  ...alerts.map(({ name, expression }): [string, string] => [name, expression]),
  ...panels.flatMap(({ title, queries }) =>
    queries.map(({ expression }): [string, string] => [title, expression]),
  ),
];

/** Labels that a metric of a query can have; undefined if there is no such metric. */
function listLabels(metric: string): string[] | undefined {
  const family = metric.replace(/_(bucket|sum|count)$/, '');
  const isHistogram = findType(family) === 'histogram';
  const type = isHistogram ? findType(family) : findType(metric);
  if (type === undefined || isHistogram === (family === metric)) return undefined;
  const own = findOwnLabels(isHistogram ? family : metric);
  return [...own, ...TARGET_LABELS, ...(metric.endsWith('_bucket') ? ['le'] : [])];
}

function findType(name: string): string | undefined {
  return Object.hasOwn(METRICS, name)
    ? findMetric(name as MetricName).type
    : OTHER_METRICS[name]?.type;
}

function findOwnLabels(name: string): readonly string[] {
  return Object.hasOwn(METRICS, name)
    ? Object.keys(findMetric(name as MetricName).labels)
    : (OTHER_METRICS[name]?.labels ?? []);
}

/** What is wrong with a query, in words. */
function findProblems(expression: string): string[] {
  const { selectors, groupedBy } = parseQuery(expression);
  const known = selectors.flatMap(({ metric }) => listLabels(metric) ?? []);
  return [
    ...(selectors.length === 0 ? ['names no metric'] : []),
    ...selectors
      .filter(({ metric }) => listLabels(metric) === undefined)
      .map(({ metric }) => `no metric ${metric}`),
    ...selectors.flatMap(({ metric, labels }) =>
      labels
        .filter((label) => listLabels(metric)?.includes(label) === false)
        .map((label) => `${metric} has no label ${label}`),
    ),
    ...groupedBy
      .filter((label) => !known.includes(label))
      .map((label) => `nothing has the label ${label}`),
  ];
}

/** Labels that the result of a query has. */
function listResultLabels(expression: string): string[] {
  const { selectors, groupedBy, isAggregated } = parseQuery(expression);
  return isAggregated ? groupedBy : selectors.flatMap(({ metric }) => listLabels(metric) ?? []);
}

describe('a query', () => {
  it.each(queries)('of %s asks for what exists: %s', (_title, expression) => {
    expect(findProblems(expression)).toEqual([]);
  });

  it.each([
    ['sum(dynvol_mountz)', 'no metric dynvol_mountz'],
    ['sum(dynvol_mounts{pod_name="x"})', 'dynvol_mounts has no label pod_name'],
    ['sum by (bucket) (dynvol_mounts)', 'nothing has the label bucket'],
    ['rate(dynvol_mount_duration_seconds[5m])', 'no metric dynvol_mount_duration_seconds'],
    ['dynvol_mounts_bucket > 1', 'no metric dynvol_mounts_bucket'],
    [
      'dynvol_mount_duration_seconds_sum{le="1"}',
      'dynvol_mount_duration_seconds_sum has no label le',
    ],
    ['vector(0) > 1', 'names no metric'],
  ])('that is wrong is found: %s', (expression, problem) => {
    expect(findProblems(expression)).toEqual([problem]);
  });

  it.each(panels.flatMap(({ queries }) => queries))(
    'has the labels that its legend names: $legend',
    ({ expression, legend }) => {
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);

      expect(listResultLabels(expression)).toEqual(expect.arrayContaining(named));
    },
  );
});

describe('an alert', () => {
  it.each(alerts)('has the labels that its texts name: $name', (alert) => {
    const texts = alert.summary + alert.description;
    const named = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);

    expect(listResultLabels(alert.expression)).toEqual(expect.arrayContaining(named));
  });

  it.each(alerts)('has a heading on the page that it refers to: $name', (alert) => {
    const page = readFileSync(join(root, RUNBOOK), 'utf8');
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
    const anchors = headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );

    expect(anchors).toContain(buildAnchor(alert));
  });

  it.each(alerts)('is told of once, in sentences: $name', ({ name, summary, description }) => {
    expect(alerts.filter((other) => other.name === name)).toHaveLength(1);
    for (const text of [summary, description]) expect(text).toMatch(/^[A-Z{].*\.$/);
  });

  it('that leaves out reasons leaves out reasons that exist', () => {
    const text = alerts.map(({ expression }) => expression).join('\n');
    const left = [...text.matchAll(/not_ready\w*\{reason!~"([^"]*)"/g)].flatMap(([, names = '']) =>
      names.split('|'),
    );

    expect(left.length).toBeGreaterThan(0);
    expect(ALL_REASONS).toEqual(expect.arrayContaining(left));
  });
});

describe('the files of the chart', () => {
  it('are what the rules and panels say', async () => {
    const stale = await findStaleChartFiles();

    expect(stale.filter((file) => file.startsWith('deploy/chart/observability/'))).toEqual([]);
  });

  it('place no panel upon another', () => {
    const { panels: placed } = buildDashboard() as {
      panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
    );

    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...placed.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it('name claims for kube-state-metrics as the CRD does', () => {
    const text = readFileSync(join(root, 'deploy/observability/kube-state-metrics.yaml'), 'utf8');
    const crd = parse(
      readFileSync(join(root, 'deploy/chart/crds/dynamicvolumeclaims.yaml'), 'utf8'),
    ) as { spec: { group: string; names: { kind: string }; versions: { name: string }[] } };
    const { spec } = parse(text) as { spec: { resources: { groupVersionKind: object }[] } };

    expect(spec.resources.map(({ groupVersionKind }) => groupVersionKind)).toEqual([
      {
        group: crd.spec.group,
        version: crd.spec.versions[0]?.name,
        kind: crd.spec.names.kind,
      },
    ]);
  });
});
