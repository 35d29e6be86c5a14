// Which work is told of as failed?
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { ClaimTraceIds } from '../../../tracing/claim-trace-ids.ts';
import { Spans } from '../../../tracing/spans.ts';

const parent = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
const description = { name: 'work', kind: SpanKind.INTERNAL, attributes: {} };

const failed = (message: string) => ({ code: SpanStatusCode.ERROR, message });
const unset = { code: SpanStatusCode.UNSET };

test.each([
  ['fails', new Error('no storage'), failed('no storage')],
  ['took too long', new CancelledFailure('TIMED_OUT'), failed('TIMED_OUT')],
  ['was superseded', new CancelledFailure('CANCELLED'), unset],
  ['was cut off by a shutdown', new CancelledFailure('WORKER_SHUTDOWN'), unset],
])('work that %s is told of as such, and throws', async (_how, error, status) => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const spans = new Spans(provider.getTracer('test'), new ClaimTraceIds());

  const run = spans.run(parent, description, () => Promise.reject(error));

  await expect(run).rejects.toBe(error);
  expect(exporter.getFinishedSpans().map((span) => span.status)).toEqual([status]);
});
