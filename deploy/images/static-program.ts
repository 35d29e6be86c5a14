// How do our small C programs become static binaries?
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensureCached } from '../stack/build-cache.ts';
import { run } from '../stack/shell.ts';

const flags = ['-static', '-O2', '-pthread', '-s', '-Wall', '-Wextra', '-std=gnu11'];

/**
 * Compiles a C file into a static program, unless the cache has it.
 *
 * @param source absolute; the headers beside it belong to it, and the program takes its name
 * @returns absolute path of the program
 */
export async function ensureStaticProgram(source: string): Promise<string> {
  const name = basename(source, '.c');
  const hash = createHash('sha256').update(JSON.stringify(flags));
  for (const file of [source, ...observeHeaders(dirname(source))]) hash.update(readFileSync(file));
  const key = `${name}-${hash.digest('hex').slice(0, 16)}`;
  const folder = await ensureCached('static', key, async (target) => {
    await run(['gcc', ...flags, '-o', join(target, name), source]);
  });
  return join(folder, name);
}

function observeHeaders(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.h'));
  return names.sort().map((name) => join(folder, name));
}
