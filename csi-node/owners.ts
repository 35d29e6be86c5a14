// Which claim is a mount for? (two claims of one bucket show the same source, so the mount table cannot tell)
import { VolumeError } from '../api/errors.ts';
import { AUDIT_CLAIM_UID } from '../api/names.ts';
import type { MountedTarget } from '../api/node-agent.ts';
import type { Place } from './target-result.ts';

/**
 * What this agent has attached for whom. It is only a guard between claims that contend for a mountpoint:
 * who has it is decided in the control plane, and after a restart of the agent the next attach tells again.
 */
export class Owners {
  readonly #claims = new Map<string, string>();

  /** @throws VolumeError `MOUNTPOINT_OCCUPIED` another claim has the mountpoint, and must be detached first */
  check(place: Place, claimUid: string): void {
    if (!this.isForeign(place, claimUid)) return;
    throw new VolumeError(
      'MOUNTPOINT_OCCUPIED',
      `Mountpoint ${place.mountpoint} still shows another claim of this pod; it is tried again`,
    );
  }

  /** The claim has the mountpoint from now on. */
  note(place: Place, claimUid: string): void {
    this.#claims.set(buildKey(place), claimUid);
  }

  /** Is there a mount of another claim? What nobody is known to own belongs to whoever asks; the audit may do all. */
  isForeign(place: Place, claimUid: string): boolean {
    const owner = this.#claims.get(buildKey(place));
    return owner !== undefined && owner !== claimUid && claimUid !== AUDIT_CLAIM_UID;
  }

  forget(place: Place): void {
    this.#claims.delete(buildKey(place));
  }

  /** Forgets what is not mounted any more, such as the mounts of a pod that is gone. */
  keepMounted(mounts: MountedTarget[]): void {
    const mounted = new Set(mounts.map(buildKey));
    for (const key of this.#claims.keys()) if (!mounted.has(key)) this.#claims.delete(key);
  }
}

function buildKey({ podUid, mountpoint }: Place): string {
  return `${podUid}/${mountpoint}`;
}
