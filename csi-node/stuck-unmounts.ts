// Which mounts were to be taken away and are still there?
import type { ErrorCode } from '../api/errors.ts';
import type { ListResponse, MountedTarget } from '../api/node-agent.ts';
import type { Place } from './target-result.ts';

const USUAL_CODES: ErrorCode[] = ['IN_USE', 'FLUSHING'];

/** A source at a mountpoint of a pod. */
type SourcePlace = Pick<MountedTarget, 'podUid' | 'mountpoint' | 'sourceKey'>;

/** What the mount table tells. */
export type ListedMounts = Pick<ListResponse, 'mounts' | 'stagedSourceKeys'>;

function buildKey({ podUid, mountpoint, sourceKey }: SourcePlace): string {
  return `${podUid}/${mountpoint}/${sourceKey}`;
}

/**
 * What detaches could not take away. Memory only: whoever asked asks again, so an agent that was started anew soon knows
 * them again.
 */
export class StuckUnmounts {
  /** Each with the code of its last try. */
  readonly #tries = new Map<string, SourcePlace & { code: string }>();

  /** Takes in how the detach of a target ended; "" is well. */
  note({ podUid, mountpoint, sourceKey }: SourcePlace, code: string): void {
    const place = { podUid, mountpoint, sourceKey };
    if (code === '') this.#tries.delete(buildKey(place));
    else this.#tries.set(buildKey(place), { ...place, code });
  }

  /** The claim wants something there after all. */
  forget({ podUid, mountpoint }: Place): void {
    for (const [key, place] of this.#tries)
      if (place.podUid === podUid && place.mountpoint === mountpoint) this.#tries.delete(key);
  }

  /** Forgets what is not there any more, such as the mounts of a pod that is gone. */
  keepMounted(listed: ListedMounts): void {
    const isThere = buildIsThere(listed);
    for (const [key, place] of this.#tries) if (!isThere(place)) this.#tries.delete(key);
  }

  /** How many of them are there, by code; the usual codes always. */
  count(listed: ListedMounts): Map<string, number> {
    const isThere = buildIsThere(listed);
    const counts = new Map<string, number>(USUAL_CODES.map((code) => [code, 0]));
    for (const place of this.#tries.values())
      if (isThere(place)) counts.set(place.code, (counts.get(place.code) ?? 0) + 1);
    return counts;
  }
}

/** Is a source still shown at its place, or does it wait for its release, shown by nobody? */
function buildIsThere({ mounts, stagedSourceKeys }: ListedMounts): (place: SourcePlace) => boolean {
  const places = new Set(mounts.map(buildKey));
  const shown = new Set(mounts.map(({ sourceKey }) => sourceKey));
  const waiting = new Set(stagedSourceKeys.filter((key) => !shown.has(key)));
  return (place) => places.has(buildKey(place)) || waiting.has(place.sourceKey);
}
