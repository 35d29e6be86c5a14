// What does the webhook measure?
import { join } from 'node:path';
import type { ObserveReview } from '../admission/server.ts';
import { readExpiry } from '../metrics/certificate.ts';
import { addProcessMetrics } from '../metrics/process.ts';
import { MetricRegistry } from '../metrics/registry.ts';

/** The webhook's metrics, and who tells them what. */
export interface WebhookMetrics {
  registry: MetricRegistry;
  onReviewed: ObserveReview;
}

/** @param tlsDir directory with `tls.crt` */
export function createWebhookMetrics(tlsDir: string): WebhookMetrics {
  const registry = new MetricRegistry();
  addProcessMetrics(registry);
  registry.read('dynvol_certificate_expiry_timestamp_seconds', () =>
    readExpiry('webhook', join(tlsDir, 'tls.crt')),
  );
  const count = registry.counter('dynvol_webhook_requests_total');
  const observe = registry.histogram('dynvol_webhook_duration_seconds');
  return {
    registry,
    onReviewed(webhook, { result, reason }, seconds) {
      count({ webhook, result, reason });
      observe({ webhook }, seconds);
    },
  };
}
