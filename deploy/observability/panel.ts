// What is a panel, and how are its queries written?

/** One query of a panel; the legend may name labels as `{{node}}`. */
export interface Query {
  expression: string;
  legend: string;
}

/** One picture. */
export interface Panel {
  title: string;
  /** What a person reads at the mark beside the title. */
  description: string;
  /** A number by itself, or a line over time. */
  kind: 'stat' | 'timeseries';
  /** Grafana's name of the unit; `short` is a plain number. */
  unit: 's' | 'short' | 'ops' | 'bytes';
  queries: Query[];
  /** Colours of a number: green below the first, then yellow, red from the second on. */
  thresholds?: [number, number];
}

/** Panels below a heading. */
export interface Row {
  title: string;
  panels: Panel[];
}

/** A quantile of a histogram, by labels: `by` is "" or begins with a comma. */
export const quantile = (q: number, metric: string, by: string, selector = '') =>
  `histogram_quantile(${q}, sum by (le${by}) (rate(${metric}_bucket${selector}[$__rate_interval])))`;
/** Increases a second of a counter, by labels. */
export const rate = (metric: string, by: string, selector = '') =>
  `sum by (${by}) (rate(${metric}${selector}[$__rate_interval]))`;
/** What a person asks of durations. */
export const halfAndNearlyAll = (
  metric: string,
  by: string,
  legend: string,
  selector = '',
): Query[] => [
  { expression: quantile(0.5, metric, by, selector), legend: `${legend} p50`.trim() },
  { expression: quantile(0.99, metric, by, selector), legend: `${legend} p99`.trim() },
];
