// How do rows of the metrics table become what one process exports?
// Part by part: the whole client costs the node agent 2 MB, with digests, clusters and a tracing API that nobody uses.
import PrometheusCounter from '@prometheus-io/client/lib/counter.js';
import PrometheusGauge from '@prometheus-io/client/lib/gauge.js';
import PrometheusHistogram from '@prometheus-io/client/lib/histogram.js';
import Registry from '@prometheus-io/client/lib/registry.js';
import { findMetric } from '../api/metrics.ts';
import type { MetricLabels, MetricName, MetricOf } from '../api/metrics.ts';

/** `Content-Type` of what `expose` gives (Prometheus text format 0.0.4). */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Counts; `by` is 1 when absent. With 0 a series begins, so that its first increase is seen as one. */
export type Count<Name extends MetricName> = (labels: MetricLabels<Name>, by?: number) => void;

/** Takes in one duration, in seconds. */
export type Observe<Name extends MetricName> = (
  labels: MetricLabels<Name>,
  seconds: number,
) => void;

/** One series of a metric that is read when somebody asks for it. */
export interface Sample<Name extends MetricName> {
  labels: MetricLabels<Name>;
  value: number;
}

/** The metrics of one process; every process has one of its own, nothing is global. */
export class MetricRegistry {
  readonly #registry = new Registry();

  counter<Name extends MetricOf<'counter'>>(name: Name): Count<Name> {
    const counter = new PrometheusCounter(this.#configure(name));
    return (labels, by = 1) => counter.inc(labels, by);
  }

  histogram<Name extends MetricOf<'histogram'>>(name: Name): Observe<Name> {
    const buckets = [...(findMetric(name).buckets ?? [])];
    const histogram = new PrometheusHistogram({ ...this.#configure(name), buckets });
    return (labels, seconds) => histogram.observe(labels, seconds);
  }

  /** A gauge, or a counter that somebody else keeps: `read` is called whenever the metrics are asked for. */
  read<Name extends MetricOf<'gauge' | 'counter'>>(name: Name, read: () => Sample<Name>[]): void {
    const Part = findMetric(name).type === 'counter' ? PrometheusCounter : PrometheusGauge;
    const metric: { reset(): void; inc(labels: object, by: number): void } = new Part({
      ...this.#configure(name),
      collect() {
        metric.reset();
        for (const { labels, value } of read()) metric.inc(labels, value);
      },
    });
  }

  /** All metrics in the text format. */
  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  #configure(name: MetricName) {
    const { help, labels } = findMetric(name);
    return { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }
}
