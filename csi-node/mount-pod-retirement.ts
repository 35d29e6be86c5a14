// Which mount pods may get no new source any more?
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import type { MountPodRef } from '../api/node-agent.ts';
import { reach } from './failpoints.ts';
import { isMountPodPresent, isNotListening, removeMountPod } from './mount-pod.ts';
import { observeMounts } from './mountinfo.ts';
import { observePendingUploads } from './pending-uploads.ts';
import { isSharingKeyStaged } from './stage.ts';

const QUIT_DEADLINE_MS = 3_000;
const POLL_MS = 50;

/** Number of files that wait for upload; `down`: rclone does not run; `silent`: it runs and does not answer. */
async function observeUploads(
  podUid: string,
  signal: AbortSignal,
): Promise<number | 'down' | 'silent'> {
  try {
    const { queued, abandoned } = await observePendingUploads({ mountPodUid: podUid, signal });
    return queued + abandoned;
  } catch (error) {
    return isNotListening(error) ? 'down' : 'silent';
  }
}

/**
 * Ends a mount pod as soon as it serves nothing and everything is uploaded; a released source takes a moment.
 *
 * A file that is still open in a mount which no pod shows any more keeps the mount pod: PID 1 looks at the descriptors
 * that rclone holds, so this outlives a restart of the agent. An rclone that does not answer
 * serves nobody, but it may have writes to upload if it caches them.
 *
 * @returns whether it ends; one that is not on this node does
 */
async function endMountPod(
  { uid: podUid, writeMode }: MountPodRef,
  discardWrites: boolean,
): Promise<boolean> {
  if (!isMountPodPresent(podUid)) return true;
  const deadline = AbortSignal.timeout(QUIT_DEADLINE_MS);
  let isAnswering = false;
  while (!deadline.aborted) {
    const uploads = await observeUploads(podUid, deadline);
    isAnswering ||= uploads !== 'silent';
    reach('retire: uploads looked at');
    const isDone = uploads === 0 || uploads === 'down' || (discardWrites && uploads !== 'silent');
    if (isDone && (await quit(podUid, { force: false })))
      // By itself it ends when all is uploaded.
      return discardWrites ? await quit(podUid, { force: true }) : true;
    await sleep(POLL_MS);
  }
  const mayLoseWrites = writeMode === 'cached' && !discardWrites;
  return isAnswering || mayLoseWrites ? false : await quit(podUid, { force: true });
}

function quit(podUid: string, { force }: { force: boolean }): Promise<boolean> {
  return removeMountPod(podUid, { force, signal: AbortSignal.timeout(QUIT_DEADLINE_MS) });
}

/** Counts a work under a key for as long as it runs. */
async function count<T>(
  counts: Map<string, number>,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  counts.set(key, (counts.get(key) ?? 0) + 1);
  try {
    return await work();
  } finally {
    const rest = (counts.get(key) ?? 1) - 1;
    if (rest === 0) counts.delete(key);
    else counts.set(key, rest);
  }
}

/** Remembers retired mount pods, and keeps one from being retired while a source is being made on it. */
export class MountPodRetirement {
  readonly #retired = new Set<string>();
  /** Retirements that have not ended, by mount pod: what one of them finds is no word about the others. */
  readonly #retiring = new Map<string, number>();
  readonly #inUse = new Map<string, number>();
  readonly #log: Logger;
  readonly #end: typeof endMountPod;

  constructor(log: Logger, end = endMountPod) {
    this.#log = log;
    this.#end = end;
  }

  /**
   * Runs `work`, which may make a source on this mount pod.
   *
   * @throws VolumeError `MOUNT_POD_RETIRED` it is ending; the controller makes another
   */
  async use<T>(podUid: string, work: () => Promise<T>): Promise<T> {
    if (this.#retired.has(podUid) || this.#retiring.has(podUid))
      throw new VolumeError('MOUNT_POD_RETIRED', `Mount pod ${podUid} is retired`);
    return await count(this.#inUse, podUid, work);
  }

  /** From now on a mount pod counts as retired: its PID 1 does not answer, so nothing can be made in it. */
  abandon(podUid: string): void {
    this.#retired.add(podUid);
  }

  /**
   * Retires a mount pod if no source of its sharing key is left, nothing is open in a released one, and all is uploaded.
   *
   * @param discardWrites do not wait for uploads
   * @returns whether it is retired now; one that is not on this node counts as such
   */
  async retire(pod: MountPodRef, discardWrites = false): Promise<boolean> {
    if (this.#inUse.has(pod.uid) || isSharingKeyStaged(observeMounts(), pod.sharingKey))
      return false;
    const isRetired = await count(this.#retiring, pod.uid, async () => {
      const ends = await this.#quit(pod, discardWrites);
      reach('retire: mount pod told to end');
      if (ends) this.#retired.add(pod.uid);
      return ends;
    });
    this.#forgetGone();
    return isRetired;
  }

  /** One whose PID 1 does not answer any more is deleted by the controller all the same. */
  async #quit(pod: MountPodRef, discardWrites: boolean): Promise<boolean> {
    try {
      return await this.#end(pod, discardWrites);
    } catch (error) {
      this.#log.warn({ mountPodUid: pod.uid, err: error }, 'Mount pod did not quit');
      return true;
    }
  }

  #forgetGone(): void {
    for (const podUid of this.#retired)
      if (!isMountPodPresent(podUid)) this.#retired.delete(podUid);
  }
}
