// How do rows of the metrics table become what one process exports?
// Part by part: the whole client costs the node agent 2 MB, with digests, clusters and a tracing API that nobody uses.
import PrometheusCounter from '@prometheus-io/client/lib/counter.js';
import PrometheusGauge from '@prometheus-io/client/lib/gauge.js';
import PrometheusHistogram from '@prometheus-io/client/lib/histogram.js';
import Registry from '@prometheus-io/client/lib/registry.js';
import type { Logger } from 'pino';
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

/**
 * The metrics of one process; every process has one of its own, nothing is global. Nobody fails because of what is
 * measured: a metric that cannot be told is a line of the log, and no more than one until it can be read again.
 */
export class MetricRegistry {
  readonly #registry = new Registry();
  readonly #log: Logger;
  readonly #failing = new Set<MetricName>();

  constructor(log: Logger) {
    this.#log = log;
  }

  counter<Name extends MetricOf<'counter'>>(name: Name): Count<Name> {
    const counter = new PrometheusCounter(this.#configure(name));
    return (labels, by = 1) => void this.#attempt(name, () => counter.inc(labels, by));
  }

  histogram<Name extends MetricOf<'histogram'>>(name: Name): Observe<Name> {
    const buckets = [...(findMetric(name).buckets ?? [])];
    const histogram = new PrometheusHistogram({ ...this.#configure(name), buckets });
    return (labels, seconds) => void this.#attempt(name, () => histogram.observe(labels, seconds));
  }

  /**
   * A gauge, or a counter that somebody else keeps: `read` is called whenever the metrics are asked for. While it throws
   * the metric has no series.
   */
  read<Name extends MetricOf<'gauge' | 'counter'>>(name: Name, read: () => Sample<Name>[]): void {
    const Part = findMetric(name).type === 'counter' ? PrometheusCounter : PrometheusGauge;
    const collect = () => {
      metric.reset();
      const isRead = this.#attempt(name, () => {
        for (const { labels, value } of read()) metric.inc(labels, value);
      });
      if (isRead) this.#failing.delete(name);
      else removeSeries(metric);
    };
    const metric: Series = new Part({ ...this.#configure(name), collect });
  }

  /** All metrics in the text format. */
  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  #configure(name: MetricName) {
    const { help, labels } = findMetric(name);
    return { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }

  #attempt(name: MetricName, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!this.#failing.has(name))
        this.#log.error({ metric: name, err: error }, 'Metric cannot be told');
      this.#failing.add(name);
      return false;
    }
  }
}

/** What the client has for a gauge and a counter alike. */
interface Series {
  inc(labels: object, by: number): void;
  remove(labels: object): void;
  reset(): void;
}

/** A metric without labels is 0 after a reset, which would be a lie. */
function removeSeries(metric: Series): void {
  metric.reset();
  metric.remove({});
}
