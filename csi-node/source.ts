// How does one storage become mounted once on this node, and how does it go?
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { VolumeError } from '../api/errors.ts';
import { STAGE_DIR } from '../api/paths.ts';
import type { AttachTimer } from './attach-timer.ts';
import { reach } from './failpoints.ts';
import {
  abortFuseConnection,
  type DetachedFuseMount,
  makeFuseMount,
  parseDeviceMinor,
} from './fuse.ts';
import { Descriptor } from './descriptor.ts';
import { type MountPod, waitForMountPod } from './mount-pod.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { ensureDirectory, removeEmptyPath } from './place.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { observePath, type Probe, type ProbeResult } from './probe.ts';
import { buildMountParameters } from './remote-mount.ts';
import type { ServedSources, SourceRequest } from './served-sources.ts';
import { buildStagePath, findStaged, findUsedSources } from './stage.ts';
import { callStorage, checkStorage } from './storage-call.ts';
import { hasErrno, moveMount, observeDeviceMinor, unmount } from './syscalls.ts';

const MOUNT_DEADLINE_MS = 25_000;
const PROBE_DEADLINE_MS = 6_000;

/** How a source is made. */
export interface EnsureOptions {
  signal: AbortSignal;
  /** How long the mount pod may take until it listens. */
  mountPodDeadlineMs: number;
  /** May a parked mount that hangs be aborted, although the same mount pod serves its successor? */
  replaceHung: boolean;
  /** Of an attach that is measured. */
  timer?: AttachTimer;
}

/** The parked mount of a source, and what its server answers. */
export async function observeStaged(
  probe: Probe,
  sourceKey: string,
): Promise<{ row: MountRow; result: ProbeResult } | undefined> {
  const row = findStaged(observeMounts(), sourceKey);
  if (row === undefined) return undefined;
  return { row, result: await observePath(probe, row.mountpoint, PROBE_DEADLINE_MS) };
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
  reach('attach: descriptor left for rclone');
  const checked = checkStorage(pod, { source: request, nonce, signal });
  // A cache may hold what a killed rclone has not uploaded: rclone looks at the objects first, which must not fail.
  if (request.writeMode === 'cached') await checked;
  const mounted = callStorage(pod, {
    s3: request.s3,
    command: 'mount/mount',
    parameters: buildMountParameters({ ...request, mountpoint }),
    deadlineMs: MOUNT_DEADLINE_MS,
    silence: 'STORAGE_NOT_SERVING',
    signal,
  });
  await Promise.all([checked, mounted]);
  reach('attach: rclone serves');
}

/** Parks a serving mount, in the place of a dead predecessor if there is one. */
function park(mount: Descriptor, sourceKey: string): MountRow {
  const path = buildStagePath(sourceKey);
  removeStaged(sourceKey);
  using place = ensureDirectory(STAGE_DIR, path);
  reach('attach: place in the stage made');
  moveMount(mount, place);
  reach('attach: source parked');
  const staged = findStaged(observeMounts(), sourceKey);
  if (staged === undefined) throw new VolumeError('INTERNAL', `Source ${sourceKey} was not parked`);
  return staged;
}

/**
 * Makes a mount that serves, attached nowhere. On failure everything is undone, because a detached mount ends with its
 * last descriptor.
 */
async function makeServingMount(
  probe: Probe,
  request: SourceRequest,
  { signal, mountPodDeadlineMs, timer }: EnsureOptions,
): Promise<Descriptor> {
  using pod = await waitForMountPod(request.mountPodUid, {
    deadlineMs: mountPodDeadlineMs,
    signal,
  });
  timer?.noteMountPod(pod.wasWaitedFor);
  reach('attach: mount pod found');
  using fuse = makeFuseMount(request.sourceKey);
  reach('attach: file system made');
  const failure = new AbortController();
  try {
    await serve(request, pod, fuse, AbortSignal.any([signal, failure.signal]));
  } finally {
    // Of the two calls, the one that still runs has lost its sense when the other failed.
    failure.abort();
  }
  const result = await probe.observe(fuse.mount, PROBE_DEADLINE_MS);
  if (result === 'timeout') abortFuseConnection(observeDeviceMinor(fuse.mount));
  if (result !== 'ok')
    throw new VolumeError('STORAGE_NOT_SERVING', `The mount does not answer (${result})`);
  reach('attach: mount answers');
  signal.throwIfAborted();
  return new Descriptor(fuse.mount.release());
}

/** What is told of a source that does not answer. */
export function buildHung(mountPodUid: string | undefined): VolumeError {
  const whose = mountPodUid === undefined ? '' : ` of mount pod ${mountPodUid}`;
  return new VolumeError(
    'MOUNT_HUNG',
    `The storage client${whose} runs and does not answer; it is replaced if that lasts, see its log`,
  );
}

/**
 * Mounts a storage, or keeps the mount that is there and answers, unless another mount pod serves it than the one that
 * is named: that one is about to end. Nothing is visible to anybody before the storage
 * has accepted a signed request and the mount has answered. The caller holds the source's lock.
 *
 * A parked mount that hangs is aborted only when another one serves: it may just be slow, and whoever waits in it
 * would be better off waiting.
 *
 * @returns the parked mount's row
 * @throws VolumeError `MOUNT_HUNG`, or what is wrong with the mount pod or the storage
 */
export async function ensureSource(
  { probe, served }: Pick<AgentDependencies, 'probe' | 'served'>,
  request: SourceRequest,
  options: EnsureOptions,
): Promise<MountRow> {
  const staged = await observeStaged(probe, request.sourceKey);
  const isOfNamed = served.isServedAsNamed(request);
  if (staged?.result === 'ok' && isOfNamed) {
    served.set(request);
    return staged.row;
  }
  if (staged?.result === 'timeout' && isOfNamed && !options.replaceHung) {
    // Now its keys are known, so that it can be replaced.
    served.set(request);
    throw buildHung(request.mountPodUid);
  }
  using mount = await makeServingMount(probe, request, options);
  if (staged?.result === 'timeout') abortFuseConnection(parseDeviceMinor(staged.row.device));
  const row = park(mount, request.sourceKey);
  served.set(request);
  return row;
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

function removeParked(sourceKey: string): void {
  reach('release: about to release');
  removeStaged(sourceKey);
  reach('release: parked mount gone');
  removeEmptyPath(STAGE_DIR, buildStagePath(sourceKey));
  reach('release: place in the stage removed');
}

/**
 * Releases a source that no pod shows any more; its server then reads ENODEV and lets go.
 * The caller holds the source's lock, so nobody is about to clone it.
 */
export function removeSource(served: ServedSources, sourceKey: string): void {
  removeParked(sourceKey);
  served.delete(sourceKey);
}

/** As `removeSource`, unless a pod shows it. */
export function removeUnusedSource(served: ServedSources, sourceKey: string): void {
  if (!findUsedSources(observeMounts()).has(sourceKey)) removeSource(served, sourceKey);
}

/** Releases what a predecessor parked and never showed to a pod. Only at start, when nothing else runs. */
export function removeUnusedSources(): void {
  const used = findUsedSources(observeMounts());
  // The names only: nothing that is mounted there is touched.
  for (const sourceKey of readdirSync(STAGE_DIR)) if (!used.has(sourceKey)) removeParked(sourceKey);
}
