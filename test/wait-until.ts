// How does a test wait? For a condition, bounded, never for a fixed time.
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 50;

/**
 * Resolves when the condition holds.
 * @throws Error naming what was waited for and what was last seen, after `timeoutMs`
 */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 30_000,
  describe: () => string = () => '',
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) {
      throw new Error(`Waited ${timeoutMs} ms in vain until ${what}; last seen: ${describe()}`);
    }
    await delay(pollMs);
  }
}
