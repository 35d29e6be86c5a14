// Which mounts were to be taken away and are still there?
import type { ErrorCode } from '../api/errors.ts';
import type { TargetResult } from '../api/node-agent.ts';

const USUAL_CODES: ErrorCode[] = ['IN_USE', 'FLUSHING'];

/**
 * What detaches could not take away. Memory only: whoever asked asks again, so an agent that was started anew soon knows
 * them again.
 */
export class StuckUnmounts {
  /** Code of the last try, by `<pod UID>/<mountpoint>`. */
  readonly #codes = new Map<string, string>();

  /** Takes in how a detach ended. */
  note(results: TargetResult[]): void {
    for (const { podUid, mountpoint, code } of results) {
      if (code === '') this.#codes.delete(`${podUid}/${mountpoint}`);
      else this.#codes.set(`${podUid}/${mountpoint}`, code);
    }
  }

  /** The claim wants it there after all. */
  forget({ podUid, mountpoint }: Pick<TargetResult, 'podUid' | 'mountpoint'>): void {
    this.#codes.delete(`${podUid}/${mountpoint}`);
  }

  /** How many there are, by code, the usual codes always; what is not mounted any more is forgotten. */
  count(mounted: { podUid: string; mountpoint: string }[]): Map<string, number> {
    const places = new Set(mounted.map(({ podUid, mountpoint }) => `${podUid}/${mountpoint}`));
    const counts = new Map<string, number>(USUAL_CODES.map((code) => [code, 0]));
    for (const [place, code] of this.#codes) {
      if (places.has(place)) counts.set(code, (counts.get(code) ?? 0) + 1);
      else this.#codes.delete(place);
    }
    return counts;
  }
}
