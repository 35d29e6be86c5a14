// Is this node ready for mounts, and is this agent alone on it?
import { mkdirSync, openSync } from 'node:fs';
import { VolumeError } from '../api/errors.ts';
import { DYNAMIC_DIR, STAGE_DIR, XVOLS_DIR } from '../api/paths.ts';
import { Descriptor } from './descriptor.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { ensureOwnMount } from './own-mount.ts';
import { hasErrno, lockFile } from './syscalls.ts';

function findMountOf(mounts: MountRow[], path: string): MountRow | undefined {
  const contains = ({ mountpoint }: MountRow) =>
    mountpoint === '/' || path === mountpoint || path.startsWith(`${mountpoint}/`);
  return mounts
    .filter(contains)
    .sort((a, b) => a.mountpoint.length - b.mountpoint.length)
    .at(-1);
}

/**
 * Mounts made in a directory must reach the host.
 * @throws VolumeError `NODE_UNSUPPORTED` the directory's mount is not shared
 */
function checkShared(path: string): void {
  if (findMountOf(observeMounts(), path)?.peerGroup !== undefined) return;
  throw new VolumeError(
    'NODE_UNSUPPORTED',
    `${path} is not a shared mount: its volumeMount needs mountPropagation: Bidirectional, and on the host its file system must be shared (mount --make-rshared /)`,
  );
}

/**
 * Locks the node for this agent, until the descriptor is closed or the process ends.
 * @throws VolumeError `OPERATION_PENDING` another agent runs on this node
 */
export function lockNode(): Descriptor {
  mkdirSync(DYNAMIC_DIR, { recursive: true });
  const file = new Descriptor(openSync(`${DYNAMIC_DIR}/agent.lock`, 'w', 0o600));
  try {
    lockFile(file);
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    if (!hasErrno(error, 'EAGAIN')) throw error;
    throw new VolumeError('OPERATION_PENDING', 'Another agent runs on this node');
  }
}

/** Prepares the directories that hold mounts. Repeating it changes nothing. */
export function ensureNodeDirectories(kubeletDir: string): void {
  mkdirSync(XVOLS_DIR, { recursive: true, mode: 0o755 });
  mkdirSync(STAGE_DIR, { recursive: true, mode: 0o700 });
  checkShared(DYNAMIC_DIR);
  checkShared(kubeletDir);
  ensureOwnMount(STAGE_DIR);
}
