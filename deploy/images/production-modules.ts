// Which npm packages go into an image as they are, and which of their files?
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutPath } from './checkout.ts';
import type { TarEntry } from './tar.ts';

/** What Node loads; all else (types, maps, sources, documents) stays out. */
const loaded = /\.(js|cjs|mjs|json|node|wasm)$/;

/** Native code for other machines, the sources of native code, and what only a build step needs. */
const unused =
  /\/(releases\/(?!x86_64-unknown-linux-gnu)|sdk-core\/|musl_x64\/|vendor\/|doc\/|test\/|\.github\/)/;

/**
 * Collects packages and, recursively, their dependencies below `/app/node_modules`.
 *
 * @param names npm packages of this checkout
 * @param alsoOptional packages that a platform brings as an optional dependency, and that we need
 */
export function collectModules(
  names: readonly string[],
  alsoOptional: readonly string[] = [],
): TarEntry[] {
  return listClosure([...names, ...alsoOptional]).flatMap((name) =>
    listPackageFiles(name).map((path): TarEntry => {
      return { kind: 'file', path: `app/${path}`, source: checkoutPath(path) };
    }),
  );
}

/** Lists the packages among such entries, as folders relative to the checkout. */
export function listCollected(entries: readonly TarEntry[]): string[] {
  return entries.flatMap(
    ({ path }) =>
      /^app\/(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? [],
  );
}

/** Lists the packages' folders, each once: nested copies of another version are inside their parent's. */
function listClosure(names: readonly string[]): string[] {
  const folders = new Set<string>();
  const queue = names.map((name) => ({ name, from: '' }));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const folder = findPackage(next.name, next.from);
    if (folder === undefined || folders.has(folder)) continue;
    folders.add(folder);
    const manifest = readFileSync(checkoutPath(folder, 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
    queue.push(...Object.keys(dependencies ?? {}).map((name) => ({ name, from: folder })));
  }
  return [...folders].sort();
}

/** Node's own search: the nearest `node_modules` at or above the package that asks. */
function findPackage(name: string, from: string): string | undefined {
  for (
    let folder = from;
    ;
    folder = folder.split('/node_modules/').slice(0, -1).join('/node_modules/')
  ) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(checkoutPath(candidate, 'package.json'))) return candidate;
    if (folder === '') return undefined;
  }
}

function listPackageFiles(folder: string): string[] {
  const entries = readdirSync(checkoutPath(folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(checkoutPath().length))
    .filter((path) => !path.slice(folder.length).includes('/node_modules/'))
    .filter((path) => loaded.test(path) && !unused.test(path.slice(folder.length)));
}
