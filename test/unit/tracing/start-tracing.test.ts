// What becomes of spans when their receiver is away?
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { startTracing } from '../../../tracing/start-tracing.ts';
import type { Tracing } from '../../../tracing/start-tracing.ts';
import { OtlpReceiver } from '../../fakes/otlp-receiver.ts';
import { aClaim } from '../../builders/objects.ts';

const claim = aClaim({ metadata: { uid: '3f2504e0-4f89-11d3-9a0c-0305e82c3301' } });
/** Spans that are sent at once, without waiting for more. */
const BATCH = 512;

interface Line {
  msg: string;
  address: string;
}

/** Starts to trace, and keeps the lines of the log. */
function start(endpoint: string): { tracing: Tracing; lines: Line[] } {
  const lines: Line[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as Line);
  return {
    lines,
    tracing: startTracing({ endpoint, serviceName: 'test', log: pino({}, { write }) }),
  };
}

async function traceEvents(tracing: Tracing, count: number): Promise<void> {
  const look = tracing.traceLook(() => {});
  const signal = tracing.traceSignal(() => Promise.resolve());
  for (let event = 0; event < count; event += 1) {
    look(claim);
    await signal(claim, { generation: 1, deleting: false });
  }
}

/** Traces one event, and sends its span at the end. */
async function traceOne(endpoint: string): Promise<Line[]> {
  const { tracing, lines } = start(endpoint);
  await traceEvents(tracing, 1);
  await tracing.stop();
  return lines;
}

afterEach(() => {
  vi.useRealTimers();
});

test.each(['', '/'])('spans arrive at an address that ends with "%s"', async (end) => {
  await using receiver = await OtlpReceiver.start();
  expect(await traceOne(receiver.endpoint + end)).toEqual([]);
  expect(receiver.names).toEqual(['claim event']);
});

test('one line tells that they are lost, and nothing else happens', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.isRefusing = true;
  expect(await traceOne(receiver.endpoint)).toMatchObject([{ msg: 'Traces are lost' }]);
});

test('the line names host and port, and no credential', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.isRefusing = true;
  const lines = await traceOne(receiver.endpoint.replace('//', '//somebody:letmein@'));
  expect(lines).toMatchObject([{ address: new URL(receiver.endpoint).host }]);
  expect(JSON.stringify(lines)).not.toContain('letmein');
});

test('one line tells that they arrive again', async () => {
  await using receiver = await OtlpReceiver.start();
  const { tracing, lines } = start(receiver.endpoint);
  receiver.isRefusing = true;
  await traceEvents(tracing, BATCH);
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  receiver.isRefusing = false;
  await traceEvents(tracing, 1);
  await tracing.stop();
  expect(lines.map(({ msg }) => msg)).toEqual(['Traces are lost', 'Traces arrive again']);
});

test('a receiver that says nothing is waited for 10 s at the end', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.isSilent = true;
  const { tracing } = start(receiver.endpoint);
  await traceEvents(tracing, 1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const stopped = tracing.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  await stopped;
});
