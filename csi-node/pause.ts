// How does a loop wait that may be ended or woken?
import { setTimeout as sleep } from 'node:timers/promises';

/** Settles after the time, or as soon as the signal aborts; never rejects. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined);
}
