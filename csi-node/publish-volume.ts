// How does a pod get its volume root, and how does it go with everything in it?
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeError } from '../api/errors.ts';
import { buildVolumeUuid, DYNAMIC_DIR, XVOLS_DIR } from '../api/paths.ts';
import { reach } from './failpoints.ts';
import { abortFuseConnection, FUSE_TYPE, parseDeviceMinor } from './fuse.ts';
import { findBelow, findLayers, type MountRow, observeMounts } from './mountinfo.ts';
import { bindMount, ensureOwnMount } from './own-mount.ts';
import { ensureDirectory, removeEmptyPath, removeEmptyTree } from './place.ts';
import type { PublishRequest, TargetPath } from './publish-request.ts';
import { ATTRIBUTE, hasErrno, openReference, unmount } from './syscalls.ts';

const MAX_LAYERS = 16;
/** For all mounts of a pod together: the kubelet waits, and the pod's processes are gone already. */
const GRACE_MS = 2_000;
const TRY_AGAIN_MS = 50;

/** Is this exactly our binding: one layer, read-only, in the peer group of the host volume dir? */
function isPublished(layers: MountRow[], volumeRoot: MountRow): boolean {
  const [layer, ...more] = layers;
  if (layer === undefined || more.length > 0) return false;
  return layer.readOnly && layer.peerGroup === volumeRoot.peerGroup;
}

function ensureVolumeRoot(hostVolumeDir: string): MountRow {
  const find = () => findLayers(observeMounts(), hostVolumeDir).at(-1);
  const present = find();
  if (present !== undefined) return present;
  ensureDirectory(DYNAMIC_DIR, hostVolumeDir)[Symbol.dispose]();
  reach('publish: folder of the volume root made');
  ensureOwnMount(hostVolumeDir);
  reach('publish: volume root mounted');
  const made = find();
  if (made === undefined) throw new VolumeError('INTERNAL', `${hostVolumeDir} was not mounted`);
  return made;
}

/**
 * Publishes a pod's volume root: the host volume dir as a mount with a peer group of its own, shown read-only at the
 * target path. What is attached at the former appears at the latter and, by HostToContainer, in running containers.
 * Does nothing if that is so already. The caller holds the pod's lock.
 *
 * @throws VolumeError `ALREADY_PUBLISHED` something else is mounted at the target path
 * @see CSI spec, "NodePublishVolume"
 */
export function ensurePublished(request: PublishRequest, kubeletDir: string): void {
  const { hostVolumeDir, target } = request;
  const volumeRoot = ensureVolumeRoot(hostVolumeDir);
  const layers = findLayers(observeMounts(), target.path);
  if (isPublished(layers, volumeRoot)) return;
  if (layers.length > 0)
    throw new VolumeError(
      'ALREADY_PUBLISHED',
      `${target.path} holds another mount; unpublish it first`,
    );
  using place = ensureDirectory(kubeletDir, target.path);
  reach('publish: target path made');
  using mount = openReference(hostVolumeDir);
  bindMount(mount, place, ATTRIBUTE.readOnly | ATTRIBUTE.noSuid | ATTRIBUTE.noDev);
  reach('publish: shown at the target path');
}

/** The host volume dirs of a volume, of whichever class: the request to unpublish does not name it. */
function observeHostVolumeDirs(volumeId: string, podUid: string): string[] {
  if (!existsSync(XVOLS_DIR)) return [];
  const uuid = buildVolumeUuid(volumeId);
  return readdirSync(XVOLS_DIR)
    .map((className) => `${XVOLS_DIR}/${className}/${uuid}`)
    .filter((parent) => existsSync(parent))
    .map((parent) => `${parent}/${podUid}`);
}

function tryUnmount(path: string): 'gone' | 'busy' {
  try {
    unmount(path);
    return 'gone';
  } catch (error) {
    if (hasErrno(error, 'EINVAL', 'ENOENT')) return 'gone';
    if (hasErrno(error, 'EBUSY')) return 'busy';
    throw error;
  }
}

/** Does anybody but this pod show the mount's source? Then its connection must live. */
function isSharedWithOthers(row: MountRow, hostVolumeDir: string): boolean {
  return observeMounts().some(
    (other) =>
      other.device === row.device &&
      other.mountpoint.startsWith(`${XVOLS_DIR}/`) &&
      !other.mountpoint.startsWith(`${hostVolumeDir}/`),
  );
}

/**
 * The last rungs: the pod is gone, so what keeps the mount busy is a process stuck in it. Aborting the connection
 * frees that process; a lazy unmount alone would leave it, and its pod, stuck for ever.
 */
function forceUnmount(row: MountRow, hostVolumeDir: string): void {
  if (row.type === FUSE_TYPE && !isSharedWithOthers(row, hostVolumeDir))
    abortFuseConnection(parseDeviceMinor(row.device));
  reach('unpublish: connection aborted');
  unmount(row.mountpoint, { lazy: true });
  reach('unpublish: forced');
}

async function removeMount(row: MountRow, volumeRoot: string, graceEnd: number): Promise<void> {
  while (tryUnmount(row.mountpoint) === 'busy') {
    if (performance.now() > graceEnd) return forceUnmount(row, volumeRoot);
    await sleep(TRY_AGAIN_MS);
  }
}

async function removeLayers(path: string, graceEnd: number): Promise<void> {
  for (let layers = 0; layers < MAX_LAYERS; layers++) {
    const top = findLayers(observeMounts(), path).at(-1);
    if (top === undefined) return;
    await removeMount(top, path, graceEnd);
  }
}

async function removeChildren(directory: string, graceEnd: number): Promise<Set<string>> {
  const children = findBelow(observeMounts(), directory);
  for (const child of children) await removeMount(child, directory, graceEnd);
  reach('unpublish: children gone at the volume root');
  return new Set(children.filter((row) => row.type === FUSE_TYPE).map((row) => row.source));
}

function removeHostVolumeDir(hostVolumeDir: string): void {
  if (!existsSync(hostVolumeDir)) return;
  {
    using directory = openReference(hostVolumeDir);
    removeEmptyTree(directory);
  }
  removeEmptyPath(XVOLS_DIR, hostVolumeDir);
}

/**
 * Takes a pod's volume root away with all that is attached in it. Nothing there is success. What is still busy after
 * two seconds is forced, so the kubelet has its answer in time. The caller holds the pod's lock.
 *
 * @returns keys of the sources that were attached; some may be unused now
 * @see CSI spec, "NodeUnpublishVolume"
 */
export async function removePublished(volumeId: string, target: TargetPath): Promise<Set<string>> {
  const sourceKeys = new Set<string>();
  const hostVolumeDirs = observeHostVolumeDirs(volumeId, target.podUid);
  const graceEnd = performance.now() + GRACE_MS;
  // At the host volume dir first: from there the children go at the target path and in every container too.
  for (const directory of hostVolumeDirs)
    for (const key of await removeChildren(directory, graceEnd)) sourceKeys.add(key);
  await removeChildren(target.path, graceEnd);
  reach('unpublish: children gone at the target path');
  await removeLayers(target.path, graceEnd);
  reach('unpublish: target path unmounted');
  for (const directory of hostVolumeDirs) {
    await removeLayers(directory, graceEnd);
    reach('unpublish: volume root unmounted');
    removeHostVolumeDir(directory);
    reach('unpublish: folder of the volume root removed');
  }
  removeEmptyPath(dirname(target.path), target.path);
  reach('unpublish: target path removed');
  return sourceKeys;
}
