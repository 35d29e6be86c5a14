// What does the webhook measure?
import type { Logger } from 'pino';
import type { ObserveReview } from '../admission/server.ts';
import { buildExpiry } from '../metrics/certificate.ts';
import { addProcessMetrics } from '../metrics/process.ts';
import { MetricRegistry } from '../metrics/registry.ts';
import type { Sample } from '../metrics/registry.ts';

/** The webhook's metrics, and who tells them what. */
export interface WebhookMetrics {
  registry: MetricRegistry;
  onReviewed: ObserveReview;
  /** Takes in the certificate that is served from now on, as PEM. */
  onCertificate(pem: Buffer): void;
}

export function createWebhookMetrics(log: Logger): WebhookMetrics {
  const registry = new MetricRegistry(log);
  addProcessMetrics(registry);
  let served: Sample<'dynvol_certificate_expiry_timestamp_seconds'>[] = [];
  registry.read('dynvol_certificate_expiry_timestamp_seconds', () => served);
  const count = registry.counter('dynvol_webhook_requests_total');
  const observe = registry.histogram('dynvol_webhook_duration_seconds');
  return {
    registry,
    onCertificate: (pem) => void (served = [buildExpiry('webhook', pem)]),
    onReviewed(webhook, { result, reason }, seconds) {
      count({ webhook, result, reason });
      observe({ webhook }, seconds);
    },
  };
}
