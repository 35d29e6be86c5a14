// Is everything that was written to a source in its bucket?
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeError } from '../api/errors.ts';
import { type MountPodRef, parseSharingKey } from '../api/node-agent.ts';
import { observeWaitingRequests, parseDeviceMinor } from './fuse.ts';
import { callMountPod, isMountPodPresent } from './mount-pod.ts';
import { observeMounts } from './mountinfo.ts';
import { observePendingUploads } from './pending-uploads.ts';
import { buildFileSystemParameters } from './remote-mount.ts';
import type { ServedSources, SourceRequest } from './served-sources.ts';
import { findStaged } from './stage.ts';

const FLUSH_DEADLINE_MS = 10_000;
const RELEASE_DEADLINE_MS = 2_000;
const POLL_MS = 50;

/** `FLUSHING`, with the number of files that wait; 0 if nobody can tell. */
export class FlushingError extends VolumeError {
  readonly pendingUploads: number;

  constructor(mountPodUid: string, pendingUploads: number | undefined) {
    super('FLUSHING', describe(mountPodUid, pendingUploads));
    this.pendingUploads = pendingUploads ?? 0;
  }
}

function describe(mountPodUid: string, pendingUploads: number | undefined): string {
  if (pendingUploads === undefined)
    return `Mount pod ${mountPodUid} does not answer, so written files may not be in the bucket yet; see its log`;
  const files = pendingUploads === 1 ? '1 written file waits' : `${pendingUploads} files wait`;
  return `${files} for upload to the bucket; see the log of mount pod ${mountPodUid} if this lasts`;
}

/**
 * `close` returns before rclone has heard of it (FUSE_RELEASE), and only then the file is queued for upload. A moment
 * without any open request proves that it has. Others may keep a shared source busy for ever: then it is not released
 * either, and goes on uploading.
 */
async function waitForReleases(sourceKey: string, signal: AbortSignal): Promise<void> {
  const staged = findStaged(observeMounts(), sourceKey);
  if (staged === undefined) return;
  const deviceMinor = parseDeviceMinor(staged.device);
  const deadline = performance.now() + RELEASE_DEADLINE_MS;
  while (observeWaitingRequests(deviceMinor) > 0 && performance.now() < deadline)
    await sleep(POLL_MS, undefined, { signal });
}

/** A source on one of the mount pods that may serve it. */
interface CachedSource {
  mountPodUid: string;
  sourceKey: string;
  /** What this agent knows of its storage. */
  known: SourceRequest | undefined;
}

/** Lets rclone upload what a killed predecessor left, as far as this agent knows the storage. */
async function resumeUploads({ mountPodUid, known }: CachedSource, signal: AbortSignal) {
  if (known?.mountPodUid !== mountPodUid) return;
  const parameters = buildFileSystemParameters(known);
  await callMountPod(mountPodUid, { command: 'uploads/resume', parameters, signal });
}

/** One look at a mount pod: the files that wait, or undefined if it does not answer. */
async function tryToFlush(source: CachedSource, signal: AbortSignal): Promise<number | undefined> {
  let pending: number | undefined;
  try {
    const { queued, abandoned } = await observePendingUploads({ ...source, signal });
    pending = queued + abandoned;
    if (abandoned > 0) await resumeUploads(source, signal);
  } catch {
    // The next look tells; the files wait where they are.
  }
  return pending;
}

async function waitForUploads(source: CachedSource, signal: AbortSignal) {
  const { mountPodUid } = source;
  const deadline = AbortSignal.timeout(FLUSH_DEADLINE_MS);
  let pending: number | undefined;
  while (isMountPodPresent(mountPodUid)) {
    const found = await tryToFlush(source, AbortSignal.any([signal, deadline]));
    if (found === 0) return;
    signal.throwIfAborted();
    pending = found ?? pending;
    if (deadline.aborted) throw new FlushingError(mountPodUid, pending);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/**
 * Waits, at most 10 s, until no file of a source waits for its upload. Without a mount pod that caches there is nothing
 * to wait for, and with one that is gone neither: with the pod went its disk.
 *
 * @param request.mountPods mount pods that may serve the source
 * @throws FlushingError files wait, or a mount pod does not answer; nothing is lost
 */
export async function ensureFlushed(
  served: ServedSources,
  request: { sourceKey: string; mountPods: MountPodRef[]; signal: AbortSignal },
): Promise<void> {
  const { sourceKey, signal } = request;
  const sharingKey = parseSharingKey(sourceKey);
  const mountPods = request.mountPods.filter(
    ({ uid, writeMode, sharingKey: key }) =>
      writeMode === 'cached' && key === sharingKey && isMountPodPresent(uid),
  );
  if (mountPods.length === 0) return;
  await waitForReleases(sourceKey, signal);
  const known = served.get(sourceKey);
  await Promise.all(
    mountPods.map(({ uid }) => waitForUploads({ mountPodUid: uid, sourceKey, known }, signal)),
  );
}
