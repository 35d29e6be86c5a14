// Which files of this checkout does an image follow from?
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Absolute path of something in the checkout. */
export function checkoutPath(...names: readonly string[]): string {
  return join(root, ...names);
}

/**
 * Reads names and contents of folders and files of the checkout into one hash.
 *
 * @param paths relative to the checkout; folders are read to the bottom
 */
export function hashSources(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(listFiles)) {
    hash.update(`${path}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest(),
    );
  }
  return hash.digest('hex');
}

/** Lists the files at or below a path of the checkout, sorted, as paths relative to it. */
function listFiles(path: string): string[] {
  const file = path.includes('.') ? [path] : undefined;
  return file ?? listFolder(path);
}

function listFolder(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}
