// How is a directory for a mount made and taken away, without ever touching what a mount shows?
import { readdirSync } from 'node:fs';
import { VolumeError } from '../api/errors.ts';
import type { Descriptor } from './descriptor.ts';
import {
  hasErrno,
  makeDirectory,
  observeFileType,
  openBelow,
  openReference,
  removeEmptyDirectory,
  RESOLVE,
} from './syscalls.ts';

/** Never through a symbolic link, never into another mount: only the host's own directories. */
const HOST_ONLY = RESOLVE.noSymlinks | RESOLVE.noCrossingMounts;

function openOrMake(parent: Descriptor, name: string): Descriptor {
  try {
    return openBelow(parent, name, HOST_ONLY);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    makeDirectory(parent, name, 0o755);
    return openBelow(parent, name, HOST_ONLY);
  }
}

/**
 * Opens a directory below `base`, making what is missing on the way.
 *
 * @param base not disposed here
 * @param path relative, its segments already checked
 * @throws VolumeError `MOUNTPOINT_UNUSABLE` a segment is a symbolic link, a file or another mount
 */
export function ensurePlace(base: Descriptor, path: string): Descriptor {
  let current = base;
  try {
    for (const segment of path.split('/')) {
      const next = openOrMake(current, segment);
      if (current !== base) current[Symbol.dispose]();
      current = next;
      const type = observeFileType(next);
      if (type !== 'directory') throw buildUnusable(path, segment, type);
    }
    return current;
  } catch (error) {
    if (current !== base) current[Symbol.dispose]();
    if (hasErrno(error, 'EXDEV'))
      throw new VolumeError('MOUNTPOINT_UNUSABLE', `Mountpoint ${path} lies in another mount`);
    if (hasErrno(error, 'ENOSPC')) throw buildFull(path, error);
    throw error;
  }
}

function buildFull(path: string, cause: Error): VolumeError {
  const message = `The node has no space or inodes left for the directory ${path} (ENOSPC); free some`;
  return new VolumeError('INTERNAL', message, { cause });
}

function buildUnusable(path: string, segment: string, type: string): VolumeError {
  const what = type === 'symlink' ? 'a symbolic link' : 'not a directory';
  return new VolumeError(
    'MOUNTPOINT_UNUSABLE',
    `Mountpoint ${path}: "${segment}" on the node is ${what}; remove it or choose another mountpoint`,
  );
}

/** @throws VolumeError `MOUNTPOINT_UNUSABLE` the place holds files, which a mount would hide */
export function checkEmpty(place: Descriptor, path: string): void {
  if (readdirSync(place.path).length === 0) return;
  throw new VolumeError(
    'MOUNTPOINT_UNUSABLE',
    `Mountpoint ${path} is not an empty directory; choose another mountpoint`,
  );
}

/** As `ensurePlace` for an absolute path below an existing directory. */
export function ensureDirectory(base: string, path: string): Descriptor {
  using reference = openReference(base);
  return ensurePlace(reference, path.slice(base.length + 1));
}

const GONE_OR_USED = ['ENOENT', 'ENOTEMPTY', 'EBUSY', 'EEXIST'] as const;

/**
 * Removes an empty directory and then its empty parents, up to and without `base`.
 * Directories that are gone, in use or not empty stay as they are: this is tidying, nothing depends on it.
 */
export function removeEmptyPath(base: string, path: string): void {
  for (let rest = path; rest.startsWith(`${base}/`); rest = rest.slice(0, rest.lastIndexOf('/'))) {
    try {
      removeEmptyDirectory(undefined, rest);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) continue;
      if (hasErrno(error, ...GONE_OR_USED)) return;
      throw error;
    }
  }
}

const MAX_DEPTH = 16;

/** Removes every empty directory below a directory of the host; files and mounts, should there be any, stay. */
export function removeEmptyTree(directory: Descriptor, depth = 0): void {
  if (depth > MAX_DEPTH) return;
  for (const entry of readdirSync(directory.path, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    try {
      {
        using child = openBelow(directory, entry.name, HOST_ONLY);
        removeEmptyTree(child, depth + 1);
      }
      removeEmptyDirectory(directory, entry.name);
    } catch (error) {
      if (!hasErrno(error, 'EXDEV', ...GONE_OR_USED)) throw error;
    }
  }
}
