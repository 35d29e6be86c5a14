// Which claim is a mount for? (two claims of one bucket show the same source, so the mount table cannot tell)
import { VolumeError } from '../api/errors.ts';
import { AUDIT_CLAIM_UID } from '../api/names.ts';
import type { MountedTarget } from '../api/node-agent.ts';
import type { Place } from './target-result.ts';

/** `MOUNTPOINT_OCCUPIED`, with the claim that has the mountpoint. */
export class OwnedError extends VolumeError {
  readonly ownerUid: string;

  constructor({ mountpoint }: Place, ownerUid: string) {
    const what = `Mountpoint ${mountpoint} still shows another claim of this pod`;
    super('MOUNTPOINT_OCCUPIED', `${what}; it is tried again`);
    this.ownerUid = ownerUid;
  }
}

/**
 * What this agent has attached for whom. It is only a guard between claims that contend for a mountpoint:
 * who has it is decided in the control plane, and after a restart of the agent the next attach tells again.
 */
export class Owners {
  readonly #claims = new Map<string, string>();

  /**
   * @param vanishedClaimUids claims that exist no more: what they had belongs to whoever asks
   * @throws OwnedError another claim has the mountpoint, and must be detached first
   */
  check(place: Place, claimUid: string, vanishedClaimUids: string[]): void {
    const owner = this.#claims.get(buildKey(place));
    if (owner === undefined || vanishedClaimUids.includes(owner)) return;
    if (this.isForeign(place, claimUid)) throw new OwnedError(place, owner);
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
