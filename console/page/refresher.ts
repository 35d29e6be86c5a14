// How is something read again as often as it changes, and never twice at once?
import { ConsoleError } from './console-error.ts';

/** Milliseconds until what was just read is read once more: a history goes on for a moment after the status. */
const SETTLE_MS = 1_500;

/** Longest wait between two readings of what goes on. */
const MAX_SETTLE_MS = 24_000;

export interface RefresherOptions<T> {
  read: (signal: AbortSignal) => Promise<T>;
  onValue: (value: T) => void;
  onError: (error: ConsoleError) => void;
  /** Is there more to come without any news of the claim? */
  goesOn: (value: T) => boolean;
}

export interface Refresher {
  /** Reads now, or when the present reading has ended. */
  refresh: () => void;
  stop: () => void;
}

/**
 * Every refresh is followed by a second reading a moment later, and by further ones, ever less often, while the value
 * says that it goes on.
 */
export function createRefresher<T>(options: RefresherOptions<T>): Refresher {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let isAsked = false;
  let settleMs = SETTLE_MS;

  const readOnce = async (): Promise<boolean> => {
    try {
      const value = await options.read(stopped.signal);
      if (!stopped.signal.aborted) options.onValue(value);
      return options.goesOn(value);
    } catch (error) {
      if (!stopped.signal.aborted) options.onError(ConsoleError.from(error));
      return true;
    }
  };
  const run = async (): Promise<void> => {
    isReading = true;
    const goesOn = await readOnce();
    isReading = false;
    if (stopped.signal.aborted) return;
    if (isAsked) {
      isAsked = false;
      settleMs = SETTLE_MS;
      void run();
    } else if (goesOn || settleMs === SETTLE_MS) {
      timer = setTimeout(() => void run(), settleMs);
      settleMs = Math.min(2 * settleMs, MAX_SETTLE_MS);
    }
  };
  return {
    refresh: () => {
      clearTimeout(timer);
      settleMs = SETTLE_MS;
      if (isReading) isAsked = true;
      else void run();
    },
    stop: () => {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}
