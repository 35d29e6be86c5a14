// Where on a node do our directories and sockets lie?
import { createHash } from 'node:crypto';

export const DYNAMIC_DIR = '/var/lib/dynamic';
export const XVOLS_DIR = `${DYNAMIC_DIR}/xvols`;
export const STAGE_DIR = `${DYNAMIC_DIR}/stage`;
export const KUBELET_DIR = '/var/lib/kubelet';

/** Inside the mount pod: the directory (an emptyDir named `run`) that holds its sockets. */
export const MOUNT_POD_RUN_DIR = '/run/mount';
export const MOUNT_POD_RUN_VOLUME = 'run';
/** rclone's remote control, and PID 1's socket that takes FUSE descriptors; names within the run directory. */
export const REMOTE_CONTROL_SOCKET = 'rc.sock';
export const DESCRIPTOR_SOCKET = 'fuse.sock';

/**
 * A stable UUID of a CSI volume id, so that a path never contains what a caller chose.
 * The kubelet's ids of ephemeral volumes are `csi-<sha256 hex>`.
 */
export function buildVolumeUuid(volumeId: string): string {
  const hex = createHash('sha256').update(volumeId).digest('hex');
  return [0, 8, 12, 16, 20].map((at, i) => hex.slice(at, [8, 12, 16, 20, 32][i])).join('-');
}

/**
 * The host volume dir: the volume root of one pod on the host.
 * `className` must already be a DNS label and `podUid` come from the kubelet's context.
 */
export function buildHostVolumeDir(volume: {
  className: string;
  volumeId: string;
  podUid: string;
}): string {
  return `${XVOLS_DIR}/${volume.className}/${buildVolumeUuid(volume.volumeId)}/${volume.podUid}`;
}

/** The pod UID of a host volume dir, or undefined for any other path. */
export function parseHostVolumeDir(path: string): { podUid: string } | undefined {
  const match = /^\/var\/lib\/dynamic\/xvols\/[^/]+\/[^/]+\/([^/]+)$/.exec(path);
  return match?.[1] === undefined ? undefined : { podUid: match[1] };
}

/** Where the agent finds a mount pod's run directory on the host. */
export function buildMountPodRunDir(mountPodUid: string, kubeletDir: string): string {
  return `${kubeletDir}/pods/${mountPodUid}/volumes/kubernetes.io~empty-dir/${MOUNT_POD_RUN_VOLUME}`;
}

/** `/data` and `data` are the same mountpoint; the result has no leading slash. */
export function parseMountpoint(mountpoint: string): string {
  return mountpoint.replace(/^\/+/, '');
}
