// Where do spans go? (OTLP over HTTP; loaded only if somebody wants them)
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { NodeAgents } from '../activities/node-agents.ts';
import { createActivityInterceptors, traceAgents } from './activities.ts';
import { createClaimEvents, createSignalInterceptor } from './claim-events.ts';
import type { ClaimEvents } from './claim-events.ts';
import { ClaimTraceIds } from './claim-trace-ids.ts';
import { Spans } from './spans.ts';

const EXPORT_DEADLINE_MS = 10_000;
/** `ExportResultCode.FAILED` of OpenTelemetry, which need not tell why. */
const EXPORT_FAILED = 1;

/** What the parts of a controller are wrapped in. */
export interface Tracing extends ClaimEvents {
  clientInterceptors: WorkflowClientInterceptor[];
  activityInterceptors: ActivityInterceptorsFactory[];
  traceAgents(agents: NodeAgents): NodeAgents;
  /** Sends what is left, 10 s at most. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts to send spans. A receiver that is away costs spans and nothing else.
 *
 * @param options.endpoint base address of an OTLP/HTTP receiver, such as `http://collector:4318`
 */
export function startTracing(options: {
  endpoint: string;
  serviceName: string;
  log: Logger;
}): Tracing {
  const { endpoint, serviceName, log } = options;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_DEADLINE_MS });
  const processor = new BatchSpanProcessor({
    exporter: tellFailures(exporter, new URL(url).host, log),
    exportTimeoutMillis: EXPORT_DEADLINE_MS,
  });
  const idGenerator = new ClaimTraceIds();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [processor],
    idGenerator,
  });
  const spans = new Spans(provider.getTracer('dynvol'), idGenerator);
  return {
    ...createClaimEvents(spans),
    clientInterceptors: [createSignalInterceptor(spans)],
    activityInterceptors: [createActivityInterceptors(spans)],
    traceAgents: (agents) => traceAgents(spans, agents),
    stop: () => provider.shutdown().catch(() => undefined),
  };
}

/** Says once that spans are lost, and once that they arrive again. */
function tellFailures(exporter: SpanExporter, address: string, log: Logger): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const fails = Number(result.code) === EXPORT_FAILED;
        if (fails && !isFailing) log.warn({ err: result.error, address }, 'Traces are lost');
        if (!fails && isFailing) log.info({ address }, 'Traces arrive again');
        isFailing = fails;
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
