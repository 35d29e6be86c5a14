// How does the agent talk to a mount pod? (mount-pod/mount-pod.c, and rclone's remote control)
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeError } from '../api/errors.ts';
import {
  buildMountPodRunDir,
  DESCRIPTOR_SOCKET,
  MOUNT_POD_RUN_DIR,
  REMOTE_CONTROL_SOCKET,
} from '../api/paths.ts';
import { kubeletFolder } from './config.ts';
import type { Descriptor } from './descriptor.ts';
import { callRemoteControl } from './remote-control.ts';
import {
  connectUnix,
  hasErrno,
  observeFileType,
  observePeerPid,
  openBelow,
  openReference,
  RESOLVE,
  sendDescriptor,
} from './syscalls.ts';

const POLL_MS = 20;
const ANSWER_BYTES = 256;

/** A mount pod whose two sockets were reachable when this was made. */
export interface MountPod extends Disposable {
  /** rclone's remote control, as a path of this process. */
  remoteControlPath: string;
  /** It did not listen at the first look. */
  wasWaitedFor: boolean;
  /**
   * Leaves a FUSE descriptor for rclone under a name.
   *
   * @returns the mountpoint that rclone must be given; what it did not fetch is dropped on disposal
   */
  put(name: string, device: Descriptor): Promise<string>;
}

function openRunDir(podUid: string): Descriptor {
  return openReference(buildMountPodRunDir(podUid, kubeletFolder));
}

/** Opens a socket of the mount pod. The pod is not trusted: no link that it made is followed. */
function openSocket(runDir: Descriptor, name: string): Descriptor {
  return openBelow(runDir, name, RESOLVE.noSymlinks);
}

/** One connection to PID 1, without waiting; it fails with what `isNotListening` knows if nobody listens. */
export function connectToFirstProcess(podUid: string): Descriptor {
  using runDir = openRunDir(podUid);
  using socket = openSocket(runDir, DESCRIPTOR_SOCKET);
  return connectUnix(socket.path);
}

async function exchange(
  connection: Socket,
  send: () => void,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const answer = await new Promise<string>((resolve, reject) => {
    connection.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1', 0, ANSWER_BYTES)));
    connection.once('close', () => reject(new Error('the mount pod closed the connection')));
    connection.once('error', reject);
    signal.addEventListener('abort', () => connection.destroy(), { once: true });
    send();
  });
  return answer.trim();
}

function tryToOpen(podUid: string, signal: AbortSignal, wasWaitedFor: boolean): MountPod {
  using runDir = openRunDir(podUid);
  const remoteControl = openSocket(runDir, REMOTE_CONTROL_SOCKET);
  try {
    connectUnix(remoteControl.path)[Symbol.dispose]();
    const fd = connectToFirstProcess(podUid).release();
    const connection = new Socket({ fd });
    connection.on('error', () => connection.destroy());
    return {
      remoteControlPath: remoteControl.path,
      wasWaitedFor,
      async put(name, device) {
        const send = () => sendDescriptor(fd, Buffer.from(`PUT ${name}\n`), device);
        const answer = await exchange(connection, send, signal);
        if (answer !== 'OK') throw new VolumeError('INTERNAL', `Mount pod answered: ${answer}`);
        return `${MOUNT_POD_RUN_DIR}/m/${name}`;
      },
      [Symbol.dispose]() {
        connection.destroy();
        remoteControl[Symbol.dispose]();
      },
    };
  } catch (error) {
    remoteControl[Symbol.dispose]();
    throw error;
  }
}

/** Why a mount pod is not reachable yet: not created, not listening, or behind with its work. */
const NOT_YET = ['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'EAGAIN'] as const;

/**
 * Waits until both sockets of a mount pod can be connected to. The pod may not even exist on the node yet:
 * it is looked for every 20 ms, which costs less than a watch and notices it within a frame.
 *
 * @throws VolumeError `MOUNT_POD_NOT_READY` after the deadline
 */
export async function waitForMountPod(
  podUid: string,
  options: { deadlineMs: number; signal: AbortSignal },
): Promise<MountPod> {
  const deadline = performance.now() + options.deadlineMs;
  for (let isWaiting = false; ; isWaiting = true) {
    try {
      return tryToOpen(podUid, options.signal, isWaiting);
    } catch (error) {
      if (!hasErrno(error, ...NOT_YET)) throw error;
      if (performance.now() > deadline) {
        const seconds = Math.round(options.deadlineMs / 1000);
        throw new VolumeError(
          'MOUNT_POD_NOT_READY',
          `Mount pod ${podUid} did not listen within ${seconds} s; see its events and log`,
          { cause: error },
        );
      }
    }
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
}

/** Does nobody listen on this socket, or no longer? */
export function isNotListening(thrown: unknown): boolean {
  return hasErrno(thrown, ...NOT_YET) || isNodeErrno(thrown, NOT_YET);
}

function isNodeErrno(thrown: unknown, names: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && names.includes(String(thrown.code));
}

/**
 * Calls the remote control of a mount pod's rclone once, without waiting for the pod to start.
 *
 * @throws RemoteControlError rclone answered with an error; anything else for which `isNotListening` may hold
 */
export async function callMountPod(
  podUid: string,
  call: { command: string; parameters: object; signal: AbortSignal },
): Promise<unknown> {
  using runDir = openRunDir(podUid);
  using socket = openSocket(runDir, REMOTE_CONTROL_SOCKET);
  return await callRemoteControl({ ...call, socketPath: socket.path });
}

/**
 * Ends a mount pod for good (its PID 1 exits with status 0). One that is gone already is fine.
 *
 * @param options.force even while rclone serves a mount
 * @returns whether it ends; without `force` it stays while it serves a mount
 */
export async function removeMountPod(
  podUid: string,
  options: { force: boolean; signal: AbortSignal },
): Promise<boolean> {
  const answer = await tellFirstProcess(podUid, options.force ? 'KILL' : 'QUIT', options.signal);
  return answer === undefined || answer === 'OK';
}

/** The answer to one line; undefined if nobody listens. */
async function tellFirstProcess(
  podUid: string,
  line: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let fd: number;
  try {
    fd = connectToFirstProcess(podUid).release();
  } catch (error) {
    if (isNotListening(error)) return undefined;
    throw error;
  }
  const connection = new Socket({ fd });
  try {
    return await exchange(connection, () => connection.write(`${line}\n`), signal);
  } finally {
    connection.destroy();
  }
}

/** Lets a mount pod kill its rclone and start another one at once; whether it does, the mounts tell. */
export async function restartStorageClient(podUid: string, signal: AbortSignal): Promise<void> {
  try {
    await tellFirstProcess(podUid, 'RESTART', signal);
  } catch {
    // PID 1 does not answer.
  }
}

/** The process id of a mount pod's PID 1; undefined if it does not run, or in a PID namespace that we do not see. */
export function observeMountPodPid(podUid: string): number | undefined {
  try {
    using connection = connectToFirstProcess(podUid);
    return observePeerPid(connection) || undefined;
  } catch (error) {
    if (isNotListening(error)) return undefined;
    throw error;
  }
}

/** Is there a place on this node where the mount pod's sockets could be? */
export function isMountPodPresent(podUid: string): boolean {
  try {
    using runDir = openRunDir(podUid);
    return observeFileType(runDir) === 'directory';
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
