// What does a mount pod's rclone do?
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { callRemoteControl } from '../../csi-node/remote-control.ts';
import { type Service, until } from './processes.ts';

/** A mount pod that runs. */
export interface RunningMountPod {
  uid: string;
  sharingKey: string;
  service: Service;
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed while we looked
  }
}

/** The process id of a mount pod's rclone, the child of its PID 1; 0 while there is none. */
export function findRclone(mountPod: RunningMountPod): number {
  const { pid } = mountPod.service;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return Number(children.split(' ')[0]);
}

function findRunningRclone(mountPod: RunningMountPod): number {
  const rclone = findRclone(mountPod);
  if (rclone === 0) throw new Error('rclone does not run');
  return rclone;
}

/** Sends rclone a signal; its pid. Never to pid 0, which would be everybody of our own process group. */
export function signalRclone(mountPod: RunningMountPod, signal: NodeJS.Signals): number {
  const rclone = findRunningRclone(mountPod);
  process.kill(rclone, signal);
  return rclone;
}

/**
 * FUSE mounts that rclone serves in a mount pod, by the descriptors that it holds. Its own list now and then
 * keeps a mount that ended at the moment it was entered there.
 */
export function countServedMounts(mountPod: RunningMountPod): number {
  const folder = `/proc/${findRunningRclone(mountPod)}/fd`;
  return readdirSync(folder).filter((fd) => readLink(`${folder}/${fd}`).endsWith('/dev/fuse'))
    .length;
}

/** Waits until rclone answers on its remote control, in this run directory of its pod. */
export async function waitForRclone(runDirPath: string): Promise<void> {
  // A socket's path has at most 107 bytes.
  const runDir = openSync(runDirPath, 'r');
  try {
    const socketPath = `/proc/self/fd/${runDir}/rc.sock`;
    const signal = AbortSignal.timeout(10_000);
    const noop = { socketPath, command: 'rc/noop', parameters: {}, signal };
    await until('rclone answers', () =>
      callRemoteControl(noop).then(
        () => true,
        () => false,
      ),
    );
  } finally {
    closeSync(runDir);
  }
}
