// How does the page stay connected to the stream of claims?
import type { ClaimsAnswer } from '../model/views.ts';
import { ConsoleError } from './console-error.ts';
import { createEventStreamParser, type StreamEvent } from './event-stream-parser.ts';
import type { ClaimNews } from './live-claims.ts';

/** Waits between attempts, milliseconds; the last one again and again. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** The server sends something every 15 s; after three times as much the connection is taken for dead. */
const SILENCE_MS = 45_000;

export type StreamState =
  | { kind: 'connecting' | 'live' }
  /** `retryAtMs`: when the next attempt begins, milliseconds since 1970. */
  | { kind: 'cut'; retryAtMs: number; error: ConsoleError }
  /** Nothing is tried again before there is another token. */
  | { kind: 'unauthorized'; error: ConsoleError };

export interface StreamOptions {
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  onNews: (news: ClaimNews) => void;
  onState: (state: StreamState) => void;
}

export interface FollowedStream {
  /** Ends the wait for the next attempt. */
  retryNow: () => void;
  stop: () => void;
}

/** Reads the stream until it is stopped; a connection that ends is made anew. */
export function followStream({ open, onNews, onState }: StreamOptions): FollowedStream {
  const stopped = new AbortController();
  let endWait = (): void => undefined;
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const follow = async (): Promise<void> => {
    onState({ kind: 'connecting' });
    for (let failures = 0; !stopped.signal.aborted; failures += 1) {
      const onEvent = (news: ClaimNews): void => {
        failures = 0;
        onState({ kind: 'live' });
        onNews(news);
      };
      const error = await readOnce(open, stopped.signal, onEvent);
      if (stopped.signal.aborted) return;
      if (error.kind === 'unauthorized') {
        onState({ kind: 'unauthorized', error });
        return;
      }
      const retryMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0;
      onState({ kind: 'cut', retryAtMs: Date.now() + retryMs, error });
      await wait(retryMs);
    }
  };
  void follow();
  return {
    retryNow: () => {
      endWait();
    },
    stop: () => {
      stopped.abort();
      endWait();
    },
  };
}

/** Reads one connection to its end, and tells why it ended. */
async function readOnce(
  open: StreamOptions['open'],
  stopped: AbortSignal,
  onEvent: (news: ClaimNews) => void,
): Promise<ConsoleError> {
  const silent = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hear = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silent.abort();
    }, SILENCE_MS);
  };
  try {
    hear();
    const body = await open(AbortSignal.any([stopped, silent.signal]));
    await readEvents(body, hear, createNewsReader(onEvent));
    return new ConsoleError('unreachable', 'The controller has ended the connection.');
  } catch (error) {
    return ConsoleError.from(error);
  } finally {
    clearTimeout(timer);
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  hear: () => void,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  const parse = createEventStreamParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    hear();
    for (const event of parse(decoder.decode(value, { stream: true }))) onEvent(event);
  }
}

/** The first `change` of a connection names every claim. */
function createNewsReader(onNews: (news: ClaimNews) => void): (event: StreamEvent) => void {
  let isFirst = true;
  return ({ type, data }) => {
    if (type === 'gone') onNews({ kind: 'gone', uids: JSON.parse(data) as string[] });
    if (type !== 'change') return;
    const { claims } = JSON.parse(data) as ClaimsAnswer;
    onNews({ kind: isFirst ? 'all' : 'changed', claims });
    isFirst = false;
  };
}
