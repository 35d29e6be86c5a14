// What is told of a whole run: of every look, and of its end?
import { setTimeout as delay } from 'node:timers/promises';
import { Judge, type Violation } from './judge.ts';
import { countHoldings, findLeaks, type Holdings } from './leaks.ts';
import { listStorage } from './model.ts';
import type { Observer } from './observe.ts';
import { RULES } from './rules/all.ts';
import type { Snapshot } from './snapshot.ts';
import type { Summary } from './summary.ts';

const INTERVAL_MS = 5_000;
/** What goes at the end has this long to go. */
const SETTLE_MS = 90_000;

/** Looks again and again, and tells of what is broken. */
export class Checker {
  readonly #observer: Observer;
  readonly #tell: (line: Violation | Summary) => void;
  readonly #judge = new Judge(RULES);
  readonly #counts = { snapshots: 0, missed: 0, broken: 0, seeded: 0 };
  /** Sources in pods that were seen, by place and device. */
  readonly #mounts = new Set<string>();
  /** What was held when there was no claim for the first time. */
  #baseline: Holdings | undefined;

  constructor(observer: Observer, tell: (line: Violation | Summary) => void) {
    this.#observer = observer;
    this.#tell = tell;
  }

  async lookUntil(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await this.look();
      await delay(INTERVAL_MS, undefined, { signal: ended }).catch(() => undefined);
    }
  }

  /** One look; without a snapshot when it failed because something is down. */
  async look(): Promise<Snapshot | undefined> {
    const snapshot = await this.#observe();
    if (!snapshot) return undefined;
    for (const { node, row } of listStorage(snapshot.nodeViews)) {
      this.#mounts.add(`${node} ${row.mountpoint} ${row.device}`);
    }
    for (const violation of this.#judge.look(snapshot)) this.#tellViolation(violation);
    if (snapshot.claims.length === 0) this.#baseline ??= countHoldings(snapshot);
    return snapshot;
  }

  /** Looks on until no more is held than at the beginning, or for a while; tells of what is left. */
  async tellLeaks(): Promise<Summary['leaks']> {
    if (!this.#baseline) return 'not looked for: there were claims all the time';
    const endMs = performance.now() + SETTLE_MS;
    for (;;) {
      const snapshot = await this.look();
      const isOver = performance.now() > endMs;
      const claims = snapshot?.claims.length;
      const leaks = snapshot ? findLeaks(this.#baseline, countHoldings(snapshot)) : [];
      if (claims === 0 && leaks.length === 0) return 'looked for';
      if (isOver && claims !== 0) return `not looked for: ${claims ?? 'unknown'} claims are left`;
      if (isOver) {
        leaks.map(buildLeak).forEach((leak) => this.#tellViolation(leak));
        return 'looked for';
      }
      await delay(INTERVAL_MS);
    }
  }

  /** Tells how much was looked at; whether all was well. */
  tellSummary(leaks: Summary['leaks']): boolean {
    const { looked } = this.#judge;
    this.#tell({ ...this.#counts, mounts: this.#mounts.size, looked, leaks });
    return this.#counts.broken === 0 && this.#mounts.size > 0;
  }

  async #observe(): Promise<Snapshot | undefined> {
    try {
      const snapshot = await this.#observer.look();
      this.#counts.snapshots += 1;
      return snapshot;
    } catch (error) {
      this.#counts.missed += 1;
      this.#judge.interrupt();
      console.error(`invariants: no look was taken: ${String(error)}`);
      return undefined;
    }
  }

  #tellViolation(violation: Violation): void {
    this.#counts[violation.seeded ? 'seeded' : 'broken'] += 1;
    this.#tell(violation);
  }
}

function buildLeak(message: string): Violation {
  return {
    at: new Date().toISOString(),
    invariant: 'I16',
    rule: 'When no claim is left, nothing of claims is.',
    object: 'the cluster',
    message,
    seeded: false,
  };
}
