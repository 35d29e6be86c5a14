// What does a person read about the chart's values? (docs/reference/chart-values.md)
import { listLeaves, type ChartValue } from './chart-values.ts';

/** Builds the page; the check's formatter aligns its tables. */
export function buildValuesPage(values: readonly ChartValue[]): string {
  const [alone, sections] = [
    values.filter(({ children }) => children.length === 0),
    values.filter(({ children }) => children.length > 0),
  ];
  return [
    '# Values of the chart',
    'What `helm install` and `helm upgrade` take with `--set` or in a file (`--values`). Whatever is not here, or not of this kind, is refused with a sentence that names it.',
    'Generated from `deploy/chart/values.yaml` by `npm run generate`; do not edit.',
    '## General',
    buildTable(alone),
    ...sections.flatMap((section) => [
      `## ${section.name}`,
      ...(section.description ? [section.description] : []),
      buildTable(listLeaves([section])),
    ]),
    '',
  ].join('\n\n');
}

function buildTable(values: readonly ChartValue[]): string {
  return [
    '| Value | Default | Means |',
    '| --- | --- | --- |',
    ...values.map(
      (value) =>
        `| \`${value.path}\` | \`${JSON.stringify(value.default)}\` | ${describe(value)} |`,
    ),
  ].join('\n');
}

function describe({ description, refinement }: ChartValue): string {
  const { enum: allowed, minimum } = refinement as { enum?: unknown[]; minimum?: number };
  return [
    description,
    ...(allowed ? [`One of ${allowed.map((one) => `\`${String(one)}\``).join(', ')}.`] : []),
    ...(minimum === undefined ? [] : [`At least ${minimum}.`]),
  ]
    .join(' ')
    .replaceAll('|', '\\|');
}
