// What does the API tell of the claim that is looked at, now and after every change?
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleError } from './console-error.ts';
import { createRefresher, type Refresher } from './refresher.ts';

export interface Reading<T> {
  /** The last answer; it stays while a later reading fails. */
  value?: T;
  /** Why the last reading failed. */
  error?: ConsoleError;
}

/**
 * @param key what is read; another one begins with nothing
 * @param version read again whenever it is another one
 */
export function useReading<T>(
  key: string,
  version: unknown,
  read: (signal: AbortSignal) => Promise<T>,
  goesOn: (value: T) => boolean,
): Reading<T> {
  const [reading, setReading] = useState<{ key: string } & Reading<T>>({ key });
  const refresher = useRef<Refresher>(null);
  useEffect(() => {
    setReading({ key });
    refresher.current = createRefresher({
      read,
      goesOn,
      onValue: (value) => {
        setReading({ key, value });
      },
      onError: (error) => {
        setReading((present) => ({ ...present, error }));
      },
    });
    return () => refresher.current?.stop();
  }, [key, read]);
  useEffect(() => refresher.current?.refresh(), [key, read, version]);
  return reading.key === key ? reading : {};
}
