// Has somebody renewed the certificates and keys that this process has read?
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../watch/backoff.ts';

/** The kubelet itself takes up to a minute or two to bring new content. */
const EVERY_MS = 5_000;

/**
 * Waits until a file of one of the directories has another content, or one has come or gone.
 *
 * @param options.everyMs milliseconds between two looks; 5,000 when absent
 * @returns whether that is so; false when the signal has aborted
 */
export async function waitForChangedFiles(
  directories: readonly string[],
  options: { signal: AbortSignal; everyMs?: number },
): Promise<boolean> {
  const { signal, everyMs = EVERY_MS } = options;
  let before = hashFiles(directories);
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    const now = hashFiles(directories);
    before ??= now;
    if (now !== undefined && now !== before) return true;
  }
  return false;
}

/** Undefined while one of them is being replaced. */
function hashFiles(directories: readonly string[]): string | undefined {
  const hash = createHash('sha256');
  try {
    for (const directory of directories) {
      for (const name of listFiles(directory))
        hash.update(name).update(readFileSync(join(directory, name)));
    }
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

/** Of a mounted Secret: what begins with `..` is how the kubelet swaps all files at once. */
function listFiles(directory: string): string[] {
  const names = existsSync(directory) ? readdirSync(directory) : [];
  return names.filter((name) => !name.startsWith('..')).sort();
}
