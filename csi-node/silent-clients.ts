// Does a storage client hang of which the watchdog knows no mount?
import type { ErrorCode, VolumeError } from '../api/errors.ts';
import { endClient, type LadderDependencies, observeClient } from './release-hung.ts';
import { buildHung } from './source.ts';

/** What a client's silence looks like to who asked it for something. */
const SILENCE: ErrorCode[] = ['ENDPOINT_UNREACHABLE', 'STORAGE_NOT_SERVING'];

/**
 * An agent that was started while a client hung knows no mount pod of its mounts, and a new source has none yet. So who
 * fails to mount a source asks the client itself, and one that stays silent for the time-out is ended.
 */
export class SilentClients {
  readonly #deps: Pick<LadderDependencies, 'retirement' | 'log'>;
  readonly #hungTimeoutMs: number;
  /** By mount pod: when it was first found to be silent, as `performance.now()` tells. */
  readonly #sinceMs = new Map<string, number>();

  constructor(deps: Pick<LadderDependencies, 'retirement' | 'log'>, hungTimeoutMs: number) {
    this.#deps = deps;
    this.#hungTimeoutMs = hungTimeoutMs;
  }

  /** Why a source could not be mounted: it may not be the storage that is silent. */
  async explain(mountPodUid: string, error: VolumeError): Promise<VolumeError> {
    if (!SILENCE.includes(error.code) || (await observeClient(mountPodUid)) !== 'silent') {
      this.#sinceMs.delete(mountPodUid);
      return error;
    }
    const nowMs = performance.now();
    const sinceMs = this.#sinceMs.get(mountPodUid) ?? nowMs;
    this.#sinceMs.set(mountPodUid, sinceMs);
    if (nowMs - sinceMs >= this.#hungTimeoutMs) {
      this.#sinceMs.delete(mountPodUid);
      this.#deps.log.warn({ mountPodUid }, 'Ending the hung storage client');
      await endClient(this.#deps, mountPodUid);
    }
    return buildHung(mountPodUid);
  }
}
