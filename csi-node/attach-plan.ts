// What must happen so that a pod sees a source at a mountpoint? (pure: mount table and request in, step out)
import type { AttachTarget } from '../api/node-agent.ts';
import { parseHostVolumeDir } from '../api/paths.ts';
import { FUSE_TYPE } from './fuse.ts';
import { findBelow, findLayers, type MountRow } from './mountinfo.ts';

/** One step towards a target, as an apply function understands it. */
export type AttachStep =
  /** It is there, alive and with the right flags. */
  | { kind: 'nothing' }
  | { kind: 'attach'; volumeRoot: string }
  /** Another mount of ours is there: a dead one, one with other flags, or the claim's former source. */
  | { kind: 'swap'; volumeRoot: string }
  /** A swap was interrupted after the new mount was in: only the old top has to go. */
  | { kind: 'finishSwap'; volumeRoot: string }
  | { kind: 'occupied'; message: string }
  | { kind: 'volumeRootMissing'; message: string };

/** The mount of a pod's host volume dir, or undefined if its volume root is not published. */
export function findVolumeRoot(mounts: MountRow[], podUid: string): MountRow | undefined {
  return mounts.find((row) => parseHostVolumeDir(row.mountpoint)?.podUid === podUid);
}

function findMountAbove(
  mounts: MountRow[],
  volumeRoot: string,
  path: string,
): MountRow | undefined {
  return mounts.find(
    (row) => row.mountpoint.startsWith(`${volumeRoot}/`) && path.startsWith(`${row.mountpoint}/`),
  );
}

function buildNested(target: AttachTarget, volumeRoot: string, other: MountRow) {
  const place = other.mountpoint.slice(volumeRoot.length + 1);
  const message = `Mountpoint ${target.mountpoint} and the mounted ${place} lie within each other; waiting until that one is detached`;
  return { kind: 'occupied', message } as const;
}

function planOver(
  top: MountRow,
  layers: number,
  target: AttachTarget,
  source: { key: string; device: string },
  volumeRoot: string,
): AttachStep {
  const ours = top.type === FUSE_TYPE && top.source === source.key;
  // An empty key names no source, so nothing may be replaced by it.
  const former =
    top.type === FUSE_TYPE && top.source !== '' && top.source === target.replacesSourceKey;
  if (!ours && !former) {
    const message = `Mountpoint ${target.mountpoint} still shows another mount; waiting until that one is detached`;
    return { kind: 'occupied', message };
  }
  if (layers > 1) return { kind: 'finishSwap', volumeRoot };
  const isSame = ours && top.device === source.device && top.readOnly === target.readOnly;
  return isSame ? { kind: 'nothing' } : { kind: 'swap', volumeRoot };
}

/**
 * Plans one target. `source.device` is the parked mount's; a clone with another device belongs to a dead predecessor.
 */
export function planAttach(
  mounts: MountRow[],
  target: AttachTarget,
  source: { key: string; device: string },
): AttachStep {
  const volumeRoot = findVolumeRoot(mounts, target.podUid)?.mountpoint;
  if (volumeRoot === undefined) {
    const message = `The volume root of pod ${target.podUid} is not published on this node`;
    return { kind: 'volumeRootMissing', message };
  }
  const path = `${volumeRoot}/${target.mountpoint}`;
  const nested = findMountAbove(mounts, volumeRoot, path) ?? findBelow(mounts, path)[0];
  if (nested !== undefined) return buildNested(target, volumeRoot, nested);
  const layers = findLayers(mounts, path);
  const top = layers.at(-1);
  if (top === undefined) return { kind: 'attach', volumeRoot };
  return planOver(top, layers.length, target, source, volumeRoot);
}
