// Does the console stay connected, and say so when it is not?
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConsoleError } from '../../../../console/page/console-error.ts';
import { followStream, type FollowedStream } from '../../../../console/page/follow-stream.ts';
import type { ClaimNews } from '../../../../console/page/live-claims.ts';

/** What an attempt to connect gets: pieces of text and then the end, or an error. */
type Attempt = string[] | 'silence' | ConsoleError;

const change = 'event: change\ndata: {"claims":[]}\n\n';
const away = new ConsoleError('unreachable', 'The controller does not answer.');

let followed: FollowedStream;
const states: string[] = [];
const news: ClaimNews[] = [];

function follow(attempts: Attempt[]): () => number {
  let count = 0;
  followed = followStream({
    open: async (signal) => {
      const attempt = attempts[Math.min(count, attempts.length - 1)] ?? away;
      count += 1;
      if (attempt instanceof ConsoleError) throw attempt;
      return buildBody(attempt, signal);
    },
    onNews: (told) => news.push(told),
    onState: ({ kind }) => states.push(kind),
  });
  return () => count;
}

function buildBody(pieces: string[] | 'silence', signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      signal.addEventListener('abort', () => {
        controller.error(signal.reason);
      });
      if (pieces === 'silence') return;
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  states.length = 0;
  news.length = 0;
});
afterEach(() => {
  followed.stop();
  vi.useRealTimers();
});

it('takes the first event of every connection for all claims, the next for changes', async () => {
  follow([[change, `event: gone\ndata: ["a"]\n\n`, change], [change], away]);
  await pass(1_000);
  expect(news.map(({ kind }) => kind)).toEqual(['all', 'gone', 'changed', 'all']);
});

it('waits longer after each attempt in vain, at most 15 s', async () => {
  const count = follow([away]);
  await pass(0);
  for (const [index, waitMs] of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000].entries()) {
    await pass(waitMs - 1);
    expect(count()).toBe(index + 1);
    await pass(1);
    expect(count()).toBe(index + 2);
  }
  expect(new Set(states)).toEqual(new Set(['connecting', 'cut']));
});

it('begins with the shortest wait again after a connection that told something', async () => {
  const count = follow([away, away, [change], away]);
  await pass(1_000 + 2_000);
  expect(count()).toBe(3);
  await pass(1_000);
  expect(count()).toBe(4);
});

it('takes a connection that is silent for 45 s for dead', async () => {
  const count = follow(['silence']);
  await pass(44_999);
  expect(states).toEqual(['connecting']);
  await pass(1);
  expect(states).toEqual(['connecting', 'cut']);
  await pass(1_000);
  expect(count()).toBe(2);
});

it('tries at once when it is told to', async () => {
  const count = follow([away]);
  await pass(1_000);
  followed.retryNow();
  await pass(0);
  expect(count()).toBe(3);
});

it('does not try again without a token', async () => {
  const count = follow([new ConsoleError('unauthorized', 'A token, please.')]);
  await pass(600_000);
  expect(count()).toBe(1);
  expect(states).toEqual(['connecting', 'unauthorized']);
});

it('ends when it is stopped', async () => {
  const count = follow([away]);
  await pass(0);
  followed.stop();
  await pass(600_000);
  expect(count()).toBe(1);
});
