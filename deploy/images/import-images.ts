// How do images get into the stack's containerd?
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFullName, type BuiltImage } from './built-image.ts';
import { writeTar, type TarEntry } from './tar.ts';

/** Runs a command where the stack's containerd is, and gives its standard output. */
export type RunCommand = (argv: readonly string[]) => Promise<string>;

const ctr = ['ctr', '--namespace', 'k8s.io'];

/**
 * Imports the images whose digest containerd does not know under their name; of those, only the parts
 * that it does not have yet.
 *
 * @param runCommand must see this process's temporary folder
 * @returns names of the images that were imported
 */
export async function ensureImported(
  images: readonly BuiltImage[],
  runCommand: RunCommand,
): Promise<string[]> {
  const known = parseImageList(await runCommand([...ctr, 'images', 'list']));
  const missing = images.filter(({ name, digest }) => known.get(buildFullName(name)) !== digest);
  for (const { folder } of missing) {
    const content = await runCommand([...ctr, 'content', 'list', '--quiet']);
    await importImage(folder, new Set(content.split('\n')), runCommand).catch(() =>
      // A part may have been collected as garbage since the list was made.
      importImage(folder, new Set(), runCommand),
    );
  }
  return missing.map(({ name }) => name);
}

/** Reads name and digest of each image from containerd's table (`REF TYPE DIGEST …`). */
export function parseImageList(table: string): Map<string, string> {
  const rows = table.split('\n').slice(1);
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const [name, , digest] = row.split(/\s+/);
      return name && digest ? [[name, digest]] : [];
    }),
  );
}

async function importImage(
  layout: string,
  present: ReadonlySet<string>,
  runCommand: RunCommand,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dynvol-import-'));
  try {
    const archive = join(folder, 'image.tar');
    writeTar(archive, listLayout(layout, present));
    // Local: the client unpacks the archive; through the daemon it takes twice as long.
    await runCommand([...ctr, 'images', 'import', '--local', '--digests=false', archive]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function listLayout(layout: string, present: ReadonlySet<string>): TarEntry[] {
  const blobs = readdirSync(join(layout, 'blobs/sha256'))
    .filter((name) => !present.has(`sha256:${name}`))
    .map((name) => `blobs/sha256/${name}`);
  return ['oci-layout', 'index.json', ...blobs].map((path) => {
    return { kind: 'file', path, source: join(layout, path) };
  });
}
