// Is each event of a claim one span, that ends when its workflow was told?
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { SpanKind } from '@opentelemetry/api';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClaimEvents } from '../../../tracing/claim-events.ts';
import { ClaimTraceIds } from '../../../tracing/claim-trace-ids.ts';
import { Spans } from '../../../tracing/spans.ts';
import { aClaim } from '../../builders/objects.ts';

const UID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';
const claim = aClaim({ metadata: { uid: UID } });
const payload = { generation: 1, deleting: false };

let exporter: InMemorySpanExporter;
let spans: Spans;
/** What the workflow was told of, as the span that was current then. */
let told: (string | undefined)[];
let answer: () => Promise<void>;
let look: () => void;
let signal: () => Promise<void>;

beforeEach(() => {
  exporter = new InMemorySpanExporter();
  const idGenerator = new ClaimTraceIds();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const provider = new TracerProvider({ idGenerator, spanProcessors });
  spans = new Spans(provider.getTracer('test'), idGenerator);
  told = [];
  answer = () => Promise.resolve();
  const events = createClaimEvents(spans);
  const traced = events.traceLook(() => {});
  look = () => traced(claim);
  const send = events.traceSignal(() => {
    told.push(spans.current?.traceId);
    return answer();
  });
  signal = () => send(claim, payload);
});

describe('an event', () => {
  it('ends when the workflow was told, and has the trace of its claim', async () => {
    look();
    look();
    expect(exporter.getFinishedSpans()).toEqual([]);
    await signal();
    expect(told).toEqual([UID.replaceAll('-', '')]);
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });

  it('goes on while the workflow could not be told', async () => {
    look();
    answer = () => Promise.reject(new Error('away'));
    await expect(signal()).rejects.toThrow('away');
    expect(exporter.getFinishedSpans()).toEqual([]);
    answer = () => Promise.resolve();
    await signal();
    expect(exporter.getFinishedSpans()).toHaveLength(1);
    expect(exporter.getFinishedSpans()[0]?.status.code).toBe(0);
  });

  it('that came in between is another one', async () => {
    look();
    answer = () => {
      look();
      return Promise.reject(new Error('away'));
    };
    await expect(signal()).rejects.toThrow('away');
    answer = () => Promise.resolve();
    await signal();
    expect(exporter.getFinishedSpans().map(({ status }) => status.message)).toEqual([
      'away',
      undefined,
    ]);
  });

  it('is not invented for a signal without one', async () => {
    await signal();
    expect(told).toEqual([undefined]);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});

it('a root of something else has another trace', () => {
  const named = spans.startRoot('no-uuid', { name: 'x', kind: SpanKind.INTERNAL, attributes: {} });
  expect(named.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(named.spanContext().traceId).not.toBe(UID.replaceAll('-', ''));
});
