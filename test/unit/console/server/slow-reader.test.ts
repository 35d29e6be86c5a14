// How long does the stream wait for who reads slowly?
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { STREAM_TIMING } from '../../../../console/server/claim-stream.ts';
import { ClaimStreams } from '../../../../console/server/claim-streams.ts';
import { EVERYTHING } from '../../../../console/server/viewer.ts';
import { FakeCluster } from '../../../builders/fake-cluster.ts';
import { aClaim } from '../../../builders/objects.ts';

/** Takes nothing on until it is told to. */
class FullResponse extends EventEmitter {
  readonly parts: Buffer[] = [];
  destroyed = false;
  readonly writableEnded = false;

  write(part: Buffer): boolean {
    this.parts.push(Buffer.from(part));
    return false;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }

  get text(): string {
    return Buffer.concat(this.parts).toString();
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function open(): Promise<FullResponse> {
  const cluster = new FakeCluster();
  for (let i = 0; i < 1_000; i++) {
    cluster.put(aClaim({ metadata: { name: `größe-${i}`, uid: `uid-${i}` } }));
  }
  const response = new FullResponse();
  new ClaimStreams(cluster.view, STREAM_TIMING).open({
    viewer: EVERYTHING,
    namespace: undefined,
    response: response as unknown as ServerResponse,
  });
  await vi.advanceTimersByTimeAsync(0);
  return response;
}

it('gives a slow reader the time that he needs for all, as long as he reads', async () => {
  const response = await open();
  const isComplete = () => /"uid-999".*\n\n/.test(response.text);
  while (!isComplete() && !response.destroyed) {
    await vi.advanceTimersByTimeAsync(STREAM_TIMING.stallMs - 1);
    response.emit('drain');
  }
  expect(response.destroyed).toBe(false);
  expect(response.parts.length).toBeGreaterThan(3);
  const [, data = ''] = /^event: change\ndata: (.*)\n\n/.exec(response.text) ?? [];
  expect((JSON.parse(data) as { claims: { name: string }[] }).claims[999]?.name).toBe('größe-999');
  response.destroy();
  expect(vi.getTimerCount()).toBe(0);
});

it('cuts off a slow reader who does not read on', async () => {
  const response = await open();
  await vi.advanceTimersByTimeAsync(STREAM_TIMING.stallMs - 1);
  response.emit('drain');
  await vi.advanceTimersByTimeAsync(STREAM_TIMING.stallMs - 1);
  expect(response.destroyed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(response.destroyed).toBe(true);
});
