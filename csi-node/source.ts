// How does one storage become mounted once on this node, and how does it go?
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { VolumeError } from '../api/errors.ts';
import { STAGE_DIR } from '../api/paths.ts';
import { abortFuseConnection, type DetachedFuseMount, makeFuseMount } from './fuse.ts';
import { Descriptor } from './descriptor.ts';
import { type MountPod, waitForMountPod } from './mount-pod.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { ensureDirectory, removeEmptyPath } from './place.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import type { Probe, ProbeResult } from './probe.ts';
import { buildMountParameters } from './remote-mount.ts';
import type { ServedSources, SourceRequest } from './served-sources.ts';
import { buildStagePath, findStaged, findUsedSources } from './stage.ts';
import { callStorage, checkStorage } from './storage-call.ts';
import { hasErrno, moveMount, observeDeviceMinor, openReference, unmount } from './syscalls.ts';

/** With the article's 10m of CPU a mount pod takes 10 to 40 s to start, as the machine is. */
const MOUNT_POD_DEADLINE_MS = 45_000;
const MOUNT_DEADLINE_MS = 25_000;
const PROBE_DEADLINE_MS = 6_000;

/** The parked mount of a source, and what its server answers. */
async function observeStaged(
  probe: Probe,
  sourceKey: string,
): Promise<{ row: MountRow; result: ProbeResult } | undefined> {
  const row = findStaged(observeMounts(), sourceKey);
  if (row === undefined) return undefined;
  using mount = openReference(row.mountpoint);
  return { row, result: await probe.observe(mount, PROBE_DEADLINE_MS) };
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
 * Makes a mount that serves, attached nowhere. On failure everything is undone, because a detached mount ends with its
 * last descriptor.
 */
async function makeServingMount(
  probe: Probe,
  request: SourceRequest,
  signal: AbortSignal,
): Promise<Descriptor> {
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
  const result = await probe.observe(fuse.mount, PROBE_DEADLINE_MS);
  if (result === 'timeout') abortFuseConnection(observeDeviceMinor(fuse.mount));
  if (result !== 'ok')
    throw new VolumeError('STORAGE_NOT_SERVING', `The mount does not answer (${result})`);
  signal.throwIfAborted();
  return new Descriptor(fuse.mount.release());
}

/** Does the mount pod that the request names serve the source, as far as this agent has seen? */
function isServedAsNamed(served: ServedSources, request: SourceRequest): boolean {
  const known = served.get(request.sourceKey);
  return known === undefined || known.mountPodUid === request.mountPodUid;
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
 * @throws VolumeError what is wrong with the mount pod or the storage
 */
export async function ensureSource(
  { probe, served }: Pick<AgentDependencies, 'probe' | 'served'>,
  request: SourceRequest,
  signal: AbortSignal,
): Promise<MountRow> {
  const staged = await observeStaged(probe, request.sourceKey);
  if (staged?.result === 'ok' && isServedAsNamed(served, request)) {
    served.set(request.sourceKey, request);
    return staged.row;
  }
  using mount = await makeServingMount(probe, request, signal);
  if (staged?.result === 'timeout') abortFuseConnection(Number(staged.row.device.split(':')[1]));
  const row = park(mount, request.sourceKey);
  served.set(request.sourceKey, request);
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
  removeStaged(sourceKey);
  removeEmptyPath(STAGE_DIR, buildStagePath(sourceKey));
}

/**
 * Releases a source that no pod shows any more; its server then reads ENODEV and lets go.
 * The caller holds the source's lock, so nobody is about to clone it.
 */
export function removeUnusedSource(served: ServedSources, sourceKey: string): void {
  if (findUsedSources(observeMounts()).has(sourceKey)) return;
  removeParked(sourceKey);
  served.delete(sourceKey);
}

/** Releases what a predecessor parked and never showed to a pod. Only at start, when nothing else runs. */
export function removeUnusedSources(): void {
  const used = findUsedSources(observeMounts());
  // The names only: nothing that is mounted there is touched.
  for (const sourceKey of readdirSync(STAGE_DIR)) if (!used.has(sourceKey)) removeParked(sourceKey);
}
