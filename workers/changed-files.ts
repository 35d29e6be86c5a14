// Has somebody renewed the certificates and keys that this process has read?
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
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
  const before = hashFiles(directories);
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    const now = hashFiles(directories);
    if (now !== before) return true;
  }
  return false;
}

function hashFiles(directories: readonly string[]): string {
  const hash = createHash('sha256');
  for (const directory of directories) {
    for (const name of listFiles(directory))
      hash.update(name).update(readContent(join(directory, name)));
  }
  return hash.digest('hex');
}

/** What cannot be read counts as its error: one such file must not hide that others are renewed. */
function readContent(path: string): Buffer | string {
  try {
    return readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/**
 * Of a mounted Secret: what begins with `..` is how the kubelet swaps all files at once. None of a directory that is not
 * there or cannot be listed.
 */
function listFiles(directory: string): string[] {
  try {
    const names = readdirSync(directory);
    return names.filter((name) => !name.startsWith('..')).sort();
  } catch {
    return [];
  }
}
