// How does one storage become mounted once on this node, and how does it go?
import { randomBytes } from 'node:crypto';
import { type ErrorCode, VolumeError } from '../api/errors.ts';
import type { S3Storage } from '../api/node-agent.ts';
import { STAGE_DIR } from '../api/paths.ts';
import { classifyStorageError } from './classify-storage-error.ts';
import { abortFuseConnection, type DetachedFuseMount, makeFuseMount } from './fuse.ts';
import type { Descriptor } from './descriptor.ts';
import { type MountPod, waitForMountPod } from './mount-pod.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { ensureDirectory, removeEmptyPath } from './place.ts';
import type { Probe } from './probe.ts';
import { callRemoteControl, RemoteControlError } from './remote-control.ts';
import {
  buildMountParameters,
  buildPreflightParameters,
  PREFLIGHT_DEADLINE_MS,
} from './remote-mount.ts';
import { buildStagePath, findStaged, findUsedSources } from './stage.ts';
import { describeStorageError } from './storage-error.ts';
import { hasErrno, moveMount, observeDeviceMinor, openReference, unmount } from './syscalls.ts';

const MOUNT_POD_DEADLINE_MS = 15_000;
const MOUNT_DEADLINE_MS = 10_000;
const PROBE_DEADLINE_MS = 10_000;

/** What is to be mounted, and which mount pod shall serve it if it is not mounted yet. */
export interface SourceRequest {
  sourceKey: string;
  mountPodUid: string;
  s3: S3Storage;
}

/** Asks the server behind a mount whether it answers; one that hangs loses its connection. */
async function probeMount(probe: Probe, mount: Descriptor): Promise<string> {
  const result = await probe.observe(mount, PROBE_DEADLINE_MS);
  if (result === 'timeout') abortFuseConnection(observeDeviceMinor(mount));
  return result;
}

/** The parked mount of a source if its server answers, else undefined. */
export async function observeLiveSource(
  probe: Probe,
  sourceKey: string,
): Promise<MountRow | undefined> {
  const staged = findStaged(observeMounts(), sourceKey);
  if (staged === undefined) return undefined;
  using mount = openReference(staged.mountpoint);
  return (await probeMount(probe, mount)) === 'ok' ? staged : undefined;
}

/** One call of the remote control; its errors become ours, without the keys that were sent. */
async function call(
  request: SourceRequest,
  pod: MountPod,
  command: {
    name: string;
    parameters: object;
    deadlineMs: number;
    /** What it means if rclone says nothing in time. */
    silence: ErrorCode;
    signal: AbortSignal;
  },
): Promise<void> {
  const signal = AbortSignal.any([command.signal, AbortSignal.timeout(command.deadlineMs)]);
  const { name, parameters } = command;
  try {
    await callRemoteControl({
      socketPath: pod.remoteControlPath,
      command: name,
      parameters,
      signal,
    });
  } catch (error) {
    command.signal.throwIfAborted();
    if (signal.aborted) {
      const seconds = command.deadlineMs / 1000;
      throw describeStorageError(command.silence, request.s3, `no answer in ${seconds} s`);
    }
    if (!(error instanceof RemoteControlError)) throw error;
    throw describeStorageError(classifyStorageError(error.message), request.s3, error.message);
  }
}

/** Lets rclone serve a detached mount, and checks the storage itself at the same time. */
async function serve(
  request: SourceRequest,
  pod: MountPod,
  fuse: DetachedFuseMount,
  signal: AbortSignal,
): Promise<void> {
  const nonce = randomBytes(8).toString('hex');
  const mountpoint = await pod.put(`${request.sourceKey}.${nonce}`, fuse.device);
  // Ours must go: the mount shall be dead as soon as rclone is.
  fuse.device[Symbol.dispose]();
  await Promise.all([
    call(request, pod, {
      name: 'operations/list',
      parameters: buildPreflightParameters(request.s3, nonce),
      deadlineMs: PREFLIGHT_DEADLINE_MS,
      silence: 'ENDPOINT_UNREACHABLE',
      signal,
    }),
    call(request, pod, {
      name: 'mount/mount',
      parameters: buildMountParameters({ ...request, mountpoint }),
      deadlineMs: MOUNT_DEADLINE_MS,
      silence: 'STORAGE_NOT_SERVING',
      signal,
    }),
  ]);
}

/** Parks a serving mount, in the place of a dead predecessor if there is one. */
function park(mount: Descriptor, sourceKey: string): MountRow {
  const path = buildStagePath(sourceKey);
  removeStaged(sourceKey);
  using place = ensureDirectory(STAGE_DIR, path);
  moveMount(mount, place);
  const staged = findStaged(observeMounts(), sourceKey);
  if (staged === undefined) throw new VolumeError('INTERNAL', `Source ${sourceKey} was not parked`);
  return staged;
}

/**
 * Mounts a storage, or keeps the mount that is there and answers. Nothing is visible to anybody before the storage
 * has accepted a signed request and the mount has answered; on failure everything is undone, because a detached mount
 * ends with its last descriptor. The caller holds the source's lock.
 *
 * @returns the parked mount's row
 * @throws VolumeError what is wrong with the mount pod or the storage
 */
export async function ensureSource(
  probe: Probe,
  request: SourceRequest,
  signal: AbortSignal,
): Promise<MountRow> {
  const live = await observeLiveSource(probe, request.sourceKey);
  if (live !== undefined) return live;
  using pod = await waitForMountPod(request.mountPodUid, {
    deadlineMs: MOUNT_POD_DEADLINE_MS,
    signal,
  });
  using fuse = makeFuseMount(request.sourceKey);
  const failure = new AbortController();
  try {
    await serve(request, pod, fuse, AbortSignal.any([signal, failure.signal]));
  } finally {
    // Of the two calls, the one that still runs has lost its sense when the other failed.
    failure.abort();
  }
  const result = await probeMount(probe, fuse.mount);
  if (result !== 'ok')
    throw new VolumeError('STORAGE_NOT_SERVING', `The mount does not answer (${result})`);
  signal.throwIfAborted();
  return park(fuse.mount, request.sourceKey);
}

/** Takes every layer away from a source's place in the stage. */
function removeStaged(sourceKey: string): void {
  const path = buildStagePath(sourceKey);
  for (let layers = 0; layers < 16; layers++) {
    try {
      // Lazily: nobody sees this place, so whoever still uses the mount does so by a clone, and keeps it.
      unmount(path, { lazy: true });
    } catch (error) {
      if (hasErrno(error, 'EINVAL', 'ENOENT')) return;
      throw error;
    }
  }
}

/**
 * Releases a source that no pod shows any more; its server then reads ENODEV and lets go.
 * The caller holds the source's lock, so nobody is about to clone it.
 *
 * @returns whether the source is gone
 */
export function removeUnusedSource(sourceKey: string): boolean {
  if (findUsedSources(observeMounts()).has(sourceKey)) return false;
  removeStaged(sourceKey);
  removeEmptyPath(STAGE_DIR, buildStagePath(sourceKey));
  return true;
}
