// What is the time, again every second?
import { useEffect, useState } from 'preact/hooks';

const listeners = new Set<(nowMs: number) => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970. All that use it change in the same moment; nothing ticks while nobody does. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    listeners.add(setNowMs);
    timer ??= setInterval(tick, 1_000);
    return () => {
      listeners.delete(setNowMs);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return nowMs;
}

function tick(): void {
  const nowMs = Date.now();
  for (const listener of listeners) listener(nowMs);
}
