// How does a source disappear from a pod, and with which rung of the ladder? (DESIGN 5.8)
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeError } from '../api/errors.ts';
import type { DetachRung, DetachTarget } from '../api/node-agent.ts';
import { findVolumeRoot } from './attach-plan.ts';
import { reach } from './failpoints.ts';
import { abortFuseConnection, parseDeviceMinor } from './fuse.ts';
import { describeHolders, observeHolders } from './holders.ts';
import { findLayers, type MountRow, observeMounts } from './mountinfo.ts';
import { removeEmptyPath } from './place.ts';
import { isShownElsewhere } from './stage.ts';
import { hasErrno, unmount } from './syscalls.ts';
import { ProcessError } from './target-result.ts';

const TRIES = 5;
const TRY_AGAIN_MS = 40;
const MAX_LAYERS = 8;

/** Takes the topmost mount of a target away; tells by which rung. */
export type Take = (top: MountRow, target: DetachTarget) => Promise<DetachRung> | DetachRung;

/**
 * Plain unmount; a few tries, because every path look-up below a mount keeps it busy for a moment.
 *
 * @throws VolumeError `IN_USE` with the processes that hold it; nothing has changed
 */
export async function takePlainly(top: MountRow, target: DetachTarget): Promise<DetachRung> {
  for (let tries = 1; ; tries++) {
    try {
      unmount(top.mountpoint);
      reach('detach: plainly unmounted');
      return 'plain';
    } catch (error) {
      if (hasErrno(error, 'EINVAL', 'ENOENT')) return 'plain';
      if (!hasErrno(error, 'EBUSY')) throw error;
      if (tries === TRIES) throw buildInUse(top, target);
    }
    await sleep(TRY_AGAIN_MS);
  }
}

function buildInUse(top: MountRow, { podUid, mountpoint }: DetachTarget): ProcessError {
  const holders = observeHolders(top, podUid);
  return new ProcessError('IN_USE', describeHolders(mountpoint, holders), holders);
}

/** Would taking this mount by force end its FUSE connection? Not while another pod or mountpoint shows the source. */
export function isLastShown(mounts: MountRow[], target: DetachTarget): boolean {
  const top = findTop(mounts, target);
  return top !== undefined && !isShownElsewhere(mounts, top);
}

/**
 * The last rungs. Whoever waits in a hung mount is freed by the abort alone, so that comes first; whoever has a file
 * open gets ENOTCONN from then on. A source that others show is left alive.
 */
export function takeByForce(top: MountRow): DetachRung {
  const deviceMinor = parseDeviceMinor(top.device);
  const isLast = !isShownElsewhere(observeMounts(), top);
  if (isLast) abortFuseConnection(deviceMinor);
  reach('detach: connection aborted');
  unmount(top.mountpoint, { lazy: true });
  reach('detach: lazily unmounted');
  return isLast ? 'abort' : 'lazy';
}

function findTargetLayers(mounts: MountRow[], { podUid, mountpoint }: DetachTarget): MountRow[] {
  const volumeRoot = findVolumeRoot(mounts, podUid)?.mountpoint;
  return volumeRoot === undefined ? [] : findLayers(mounts, `${volumeRoot}/${mountpoint}`);
}

/** The topmost mount of a target if it shows the target's source; another one there belongs to somebody else. */
function findTop(mounts: MountRow[], target: DetachTarget): MountRow | undefined {
  const top = findTargetLayers(mounts, target).at(-1);
  return top?.source === target.sourceKey ? top : undefined;
}

/** A crash between the two steps of a swap leaves the former source on top of the target's: only that has to go. */
function finishSwap(mounts: MountRow[], target: DetachTarget): void {
  const layers = findTargetLayers(mounts, target);
  const top = layers.at(-1);
  if (top === undefined || top.source === target.sourceKey) return;
  if (layers.some((row) => row.source === target.sourceKey))
    unmount(top.mountpoint, { lazy: true });
}

/** The mount table has the last word: no copy of the mount may be left, at the target path neither. */
function checkGone(mounts: MountRow[], taken: MountRow, { mountpoint }: DetachTarget): void {
  const { peerGroup } = taken;
  const left = mounts.find((row) => peerGroup !== undefined && row.peerGroup === peerGroup);
  if (left !== undefined)
    throw new VolumeError(
      'INTERNAL',
      `Mountpoint ${mountpoint} is still shown at ${left.mountpoint}`,
    );
}

function removePlace(mounts: MountRow[], { podUid, mountpoint }: DetachTarget): void {
  const volumeRoot = findVolumeRoot(mounts, podUid)?.mountpoint;
  if (volumeRoot === undefined) return;
  const path = `${volumeRoot}/${mountpoint}`;
  if (findLayers(mounts, path).length === 0) removeEmptyPath(volumeRoot, path);
}

/**
 * Takes one target away, if it shows this source; anything else there belongs to another claim and stays.
 * Nothing mounted is success. The caller holds the pod's lock, and to force it the source's as well.
 *
 * @returns the rung that was needed, or "" when nothing was there
 */
export async function removeAttached(target: DetachTarget, take: Take): Promise<DetachRung> {
  let rung: DetachRung = '';
  finishSwap(observeMounts(), target);
  for (let layers = 0; layers <= MAX_LAYERS; layers++) {
    const mounts = observeMounts();
    const top = findTop(mounts, target);
    if (top === undefined) {
      removePlace(mounts, target);
      reach('detach: mountpoint removed');
      return rung;
    }
    rung = await take(top, target);
    checkGone(observeMounts(), top, target);
  }
  throw new VolumeError('INTERNAL', `Mountpoint ${target.mountpoint} has too many layers`);
}
