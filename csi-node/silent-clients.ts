// Does a storage client hang of which the watchdog knows no mount?
import type { ErrorCode, VolumeError } from '../api/errors.ts';
import { endClient, type LadderDependencies, observeClient } from './release-hung.ts';
import { buildHung } from './source.ts';

/** What a client's silence looks like to who asked it for something. */
const SILENCE: ErrorCode[] = ['ENDPOINT_UNREACHABLE', 'STORAGE_NOT_SERVING'];

/** Two that lie further apart are not one: it has answered somebody in between. */
const APART_MS = 600_000;

/** As `performance.now()` tells. */
interface Silence {
  /** When the client was first asked for what it stayed silent about. */
  sinceMs: number;
  /** When it was last found to be silent. */
  untilMs: number;
}

/**
 * An agent that was started while a client hung knows no mount pod of its mounts, and a new source has none yet. So who
 * fails to mount a source asks the client itself, and one that stays silent for the time-out is ended.
 */
export class SilentClients {
  readonly #deps: Pick<LadderDependencies, 'retirement' | 'log'>;
  readonly #hungTimeoutMs: number;
  /** By mount pod. */
  readonly #silences = new Map<string, Silence>();

  constructor(deps: Pick<LadderDependencies, 'retirement' | 'log'>, hungTimeoutMs: number) {
    this.#deps = deps;
    this.#hungTimeoutMs = hungTimeoutMs;
  }

  /**
   * Why a source could not be mounted: it may not be the storage that is silent.
   *
   * @param askedMs when the client was asked, as `performance.now()` tells
   */
  async explain(mountPodUid: string, error: VolumeError, askedMs: number): Promise<VolumeError> {
    if (!SILENCE.includes(error.code) || (await observeClient(mountPodUid)) !== 'silent') {
      this.#silences.delete(mountPodUid);
      return error;
    }
    const untilMs = performance.now();
    const former = this.#silences.get(mountPodUid);
    const isOne = former !== undefined && askedMs - former.untilMs < APART_MS;
    const sinceMs = isOne ? former.sinceMs : askedMs;
    this.#silences.set(mountPodUid, { sinceMs, untilMs });
    if (untilMs - sinceMs >= this.#hungTimeoutMs) {
      this.#silences.delete(mountPodUid);
      this.#deps.log.warn({ mountPodUid }, 'Ending the hung storage client');
      await endClient(this.#deps, mountPodUid);
    }
    return buildHung(mountPodUid);
  }
}
