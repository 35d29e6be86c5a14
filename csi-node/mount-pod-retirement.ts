// Which mount pods may get no new source any more?
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import type { MountPodRef } from '../api/node-agent.ts';
import { isMountPodPresent, removeMountPod } from './mount-pod.ts';
import { observeMounts } from './mountinfo.ts';
import { isSharingKeyStaged } from './stage.ts';

const QUIT_DEADLINE_MS = 3_000;

/** Remembers retired mount pods, and keeps one from being retired while a source is being made on it. */
export class MountPodRetirement {
  readonly #retired = new Set<string>();
  readonly #inUse = new Map<string, number>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Runs `work`, which may make a source on this mount pod.
   *
   * @throws VolumeError `MOUNT_POD_RETIRED` it is ending; the controller makes another
   */
  async use<T>(podUid: string, work: () => Promise<T>): Promise<T> {
    if (this.#retired.has(podUid))
      throw new VolumeError('MOUNT_POD_RETIRED', `Mount pod ${podUid} is retired`);
    this.#inUse.set(podUid, (this.#inUse.get(podUid) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const rest = (this.#inUse.get(podUid) ?? 1) - 1;
      if (rest === 0) this.#inUse.delete(podUid);
      else this.#inUse.set(podUid, rest);
    }
  }

  /**
   * Retires a mount pod if no source of its sharing key is left.
   *
   * @returns whether it is retired now; one that is not on this node counts as such
   */
  async retire(pod: MountPodRef): Promise<boolean> {
    if (this.#inUse.has(pod.uid) || isSharingKeyStaged(observeMounts(), pod.sharingKey))
      return false;
    this.#retired.add(pod.uid);
    await this.#quit(pod.uid);
    this.#forgetGone();
    return true;
  }

  /** A courtesy: one that does not listen any more is deleted by the controller all the same. */
  async #quit(podUid: string): Promise<void> {
    if (!isMountPodPresent(podUid)) return;
    try {
      await removeMountPod(podUid, AbortSignal.timeout(QUIT_DEADLINE_MS));
    } catch (error) {
      this.#log.warn({ mountPod: podUid, err: String(error) }, 'Mount pod did not quit');
    }
  }

  #forgetGone(): void {
    for (const podUid of this.#retired)
      if (!isMountPodPresent(podUid)) this.#retired.delete(podUid);
  }
}
