// How does a source disappear from a pod, and when is a mount pod done?
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeError } from '../api/errors.ts';
import type { DetachTarget } from '../api/node-agent.ts';
import { findVolumeRoot } from './attach-plan.ts';
import { findLayers, observeMounts } from './mountinfo.ts';
import { removeEmptyPath } from './place.ts';
import { hasErrno, unmount } from './syscalls.ts';

const TRIES = 5;
const TRY_AGAIN_MS = 40;
const MAX_LAYERS = 8;

/** Plain unmount; a few tries, because every path look-up below a mount keeps it busy for a moment. */
async function unmountUnused(path: string, mountpoint: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return unmount(path);
    } catch (error) {
      if (hasErrno(error, 'EINVAL', 'ENOENT')) return;
      if (!hasErrno(error, 'EBUSY')) throw error;
      if (tries === TRIES)
        throw new VolumeError(
          'IN_USE',
          `Mountpoint ${mountpoint} is in use: a process in the pod has a file or its working directory there`,
        );
    }
    await sleep(TRY_AGAIN_MS);
  }
}

/**
 * Takes one target away, if it shows this source; anything else there belongs to another claim and stays.
 * Nothing mounted is success. The caller holds the pod's lock.
 *
 * @throws VolumeError `IN_USE` a process uses the mount; nothing has changed
 */
export async function removeAttached(target: DetachTarget): Promise<void> {
  for (let layers = 0; layers < MAX_LAYERS; layers++) {
    const mounts = observeMounts();
    const volumeRoot = findVolumeRoot(mounts, target.podUid);
    if (volumeRoot === undefined) return;
    const path = `${volumeRoot}/${target.mountpoint}`;
    const top = findLayers(mounts, path).at(-1);
    if (top === undefined) return removeEmptyPath(volumeRoot, path);
    if (top.source !== target.sourceKey) return;
    await unmountUnused(path, target.mountpoint);
  }
}
