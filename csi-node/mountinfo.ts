// What is mounted where? (proc_pid_mountinfo(5); the kernel's table is our reference count)
import { readFileSync } from 'node:fs';

/** One row of the mount table. */
export interface MountRow {
  id: number;
  parentId: number;
  /** `major:minor` of the file system; clones of one mount share it. */
  device: string;
  /** Path within the file system that is shown. */
  root: string;
  mountpoint: string;
  readOnly: boolean;
  /** Peer group if the mount is shared. */
  peerGroup: number | undefined;
  /** Peer group from which the mount receives mounts and unmounts (HostToContainer). */
  master: number | undefined;
  type: string;
  source: string;
}

function parseEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

const FIRST_OPTIONAL_FIELD = 6;
const SHARED = 'shared:';
const MASTER = 'master:';

function parseGroup(fields: readonly string[], tag: string): number | undefined {
  const field = fields.find((text) => text.startsWith(tag));
  return field === undefined ? undefined : Number(field.slice(tag.length));
}

function parseRow(line: string): MountRow | undefined {
  const fields = line.split(' ');
  const [id, parentId, device = '', root = '', mountpoint = '', options = ''] = fields;
  const separator = fields.indexOf('-', FIRST_OPTIONAL_FIELD);
  const [type, source] = separator < 0 ? [] : fields.slice(separator + 1);
  if (type === undefined || source === undefined) return undefined;
  const optional = fields.slice(FIRST_OPTIONAL_FIELD, separator);
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: parseEscapes(root),
    mountpoint: parseEscapes(mountpoint),
    // The kernel writes this option first (fs/proc_namespace.c, show_mountinfo).
    readOnly: options === 'ro' || options.startsWith('ro,'),
    peerGroup: parseGroup(optional, SHARED),
    master: parseGroup(optional, MASTER),
    type,
    source: parseEscapes(source),
  };
}

/** Parses the text of a mountinfo file, in its order. Lines that are not rows are left out. */
export function parseMountinfo(text: string): MountRow[] {
  return text.split('\n').flatMap((line) => parseRow(line) ?? []);
}

/** Reads this process's mount table. It is a kernel file: no server of any mount is asked. */
export function observeMounts(): MountRow[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The rows at exactly this path, lowest layer first. */
export function findLayers(mounts: MountRow[], path: string): MountRow[] {
  const rows = mounts.filter((row) => row.mountpoint === path);
  const above = (row: MountRow) => rows.find((other) => other.parentId === row.id);
  const ids = new Set(rows.map((row) => row.id));
  const layers: MountRow[] = [];
  let next = rows.find((row) => !ids.has(row.parentId));
  while (next !== undefined && layers.length < rows.length) {
    layers.push(next);
    next = above(next);
  }
  return layers;
}

/** The rows below this path, deepest first, so that they can be unmounted in order. */
export function findBelow(mounts: MountRow[], path: string): MountRow[] {
  return mounts
    .filter((row) => row.mountpoint.startsWith(`${path}/`))
    .sort((a, b) => b.mountpoint.split('/').length - a.mountpoint.split('/').length);
}
