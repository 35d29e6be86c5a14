// What becomes of spans when their receiver is away?
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startTracing } from '../../../tracing/start-tracing.ts';
import { OtlpReceiver } from '../../fakes/otlp-receiver.ts';
import { aClaim } from '../../builders/objects.ts';

const claim = aClaim({ metadata: { uid: '3f2504e0-4f89-11d3-9a0c-0305e82c3301' } });

/** Traces one event, and sends its span at the end. */
async function traceOne(endpoint: string): Promise<string[]> {
  const lines: string[] = [];
  const write = (line: string) => lines.push((JSON.parse(line) as { msg: string }).msg);
  const tracing = startTracing({ endpoint, serviceName: 'test', log: pino({}, { write }) });
  tracing.traceLook(() => {})(claim);
  await tracing.traceSignal(() => Promise.resolve())(claim, { generation: 1, deleting: false });
  await tracing.stop();
  return lines;
}

test.each(['', '/'])('spans arrive at an address that ends with "%s"', async (end) => {
  await using receiver = await OtlpReceiver.start();
  expect(await traceOne(receiver.endpoint + end)).toEqual([]);
  expect(receiver.names).toEqual(['claim event']);
});

test('one line tells that they are lost, and nothing else happens', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.isRefusing = true;
  expect(await traceOne(receiver.endpoint)).toEqual(['Traces are lost']);
});
