// What does a mount table say? (proc_pid_mountinfo(5); a parser of its own, so that the product's is not trusted)
import path from 'node:path';
import { STAGE_DIR, XVOLS_DIR } from './names.ts';

export interface Row {
  id: number;
  parentId: number;
  /** `major:minor`: each storage source has one of its own. */
  device: string;
  /** What of the file system is shown. */
  root: string;
  mountpoint: string;
  options: string[];
  source: string;
}

/** Where in a pod a mount is, read from its path below the volumes of a node. */
export interface Place {
  className: string;
  podUid: string;
  /** Below the volume root; empty for the volume root itself. */
  mountpoint: string;
}

/** `source=` of the product's FUSE mounts: key of the mount pod, key of the source. */
const SOURCE_KEY = /^([0-9a-f]{16})\.[0-9a-f]{16}$/;
const PLACE = new RegExp(
  `^${XVOLS_DIR}/([a-z0-9.-]{1,63})/[0-9a-f-]{36}/([0-9a-f-]{32,36})(/.+)?$`,
);
const TARGET =
  /^\/var\/lib\/kubelet\/pods\/([0-9a-f-]{32,36})\/volumes\/kubernetes\.io~csi\/dynamic-volume-root-path\/mount(\/.+)?$/;

export function parseMountTable(text: string): Row[] {
  return text.split('\n').flatMap((line) => parseRow(line) ?? []);
}

function parseRow(line: string): Row | undefined {
  const [left = '', right] = line.split(' - ');
  const [id, parentId, device, root, mountpoint, options] = left.split(' ');
  if (right === undefined || options === undefined) return undefined;
  return {
    id: Number(id),
    parentId: Number(parentId),
    device: device ?? '',
    root: unescape(root ?? ''),
    mountpoint: unescape(mountpoint ?? ''),
    options: options.split(','),
    source: unescape(right.split(' ')[1] ?? ''),
  };
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** Whether the product has mounted storage here. */
export function isStorage(row: Row): boolean {
  return SOURCE_KEY.test(row.source);
}

/** Key of the mount pod that serves a storage mount. */
export function readSharingKey(row: Row): string {
  return SOURCE_KEY.exec(row.source)?.[1] ?? '';
}

/** The place of a path below the volumes of a node, or undefined for any other path. */
export function parsePlace(mountpoint: string): Place | undefined {
  const match = PLACE.exec(mountpoint);
  if (!match) return undefined;
  const [, className = '', podUid = '', below = ''] = match;
  return { className, podUid, mountpoint: below.slice(1) };
}

/** Whether storage may be mounted at this path of a node. */
export function isAllowedOnNode(mountpoint: string): boolean {
  const place = parsePlace(mountpoint);
  if (place) return place.mountpoint !== '';
  return path.dirname(mountpoint) === STAGE_DIR || Boolean(TARGET.exec(mountpoint)?.[2]);
}

/**
 * Where the files of a folder lie beneath everything that is mounted on it: another mount of the same file system
 * that shows the folder's own contents, and that nothing covers.
 */
export function findUncovered(rows: readonly Row[], folder: string): string | undefined {
  const covering = findCovering(rows, folder);
  if (!covering) return undefined;
  const inside = path.join(covering.root, path.relative(covering.mountpoint, folder));
  return rows
    .filter(
      (row) => row.device === covering.device && row !== covering && isAtOrBelow(inside, row.root),
    )
    .map((row) => ({ row, at: path.join(row.mountpoint, path.relative(row.root, inside)) }))
    .find(({ row, at }) => findCovering(rows, at) === row && !hasBelow(rows, at))?.at;
}

/** The uppermost mount that a path lies in. */
function findCovering(rows: readonly Row[], at: string): Row | undefined {
  const over = rows.filter((row) => isAtOrBelow(at, row.mountpoint));
  const longest = Math.max(...over.map((row) => row.mountpoint.length));
  return over.findLast((row) => row.mountpoint.length === longest);
}

function hasBelow(rows: readonly Row[], folder: string): boolean {
  return rows.some((row) => row.mountpoint !== folder && isAtOrBelow(row.mountpoint, folder));
}

function isAtOrBelow(at: string, folder: string): boolean {
  return at === folder || at.startsWith(folder === '/' ? '/' : `${folder}/`);
}
