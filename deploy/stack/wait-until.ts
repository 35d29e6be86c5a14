// How does the stack wait for something to become true?
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks every 25 ms until the answer is true. A check that throws counts as "not yet".
 *
 * @param what names the thing in the error, as in "etcd answers"
 * @throws Error when `timeoutMs` have passed; its cause is what the last check threw
 */
export async function waitUntil(
  what: string,
  check: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadlineMs) {
    try {
      if (await check()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(25);
  }
  throw new Error(`Gave up after ${timeoutMs / 1000} s waiting until ${what}`, { cause });
}
