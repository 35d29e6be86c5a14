// How is a span named in a header of Temporal? (pure; W3C Trace Context in the payload of Temporal's own interceptors)
import { TraceFlags } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';
import { TRACE_HEADER } from '../api/names.ts';

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const ZEROS = /^0+$/;

/** Builds the header for what this span asks for. */
export function buildTraceHeader({ traceId, spanId }: SpanContext): Headers {
  const traceparent = `00-${traceId}-${spanId}-01`;
  return { [TRACE_HEADER]: defaultPayloadConverter.toPayload({ traceparent }) };
}

/** Who asked; undefined if nobody says so, or says it so that it cannot be read. */
export function parseTraceHeader(headers: Headers): SpanContext | undefined {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  let text: unknown;
  try {
    text = defaultPayloadConverter.fromPayload<{ traceparent?: unknown }>(payload).traceparent;
  } catch {
    return undefined;
  }
  const [, traceId, spanId] = TRACE_PARENT.exec(String(text)) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}
