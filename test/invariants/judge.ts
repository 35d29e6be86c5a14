// Since when is what broken, and when is it too long? (pure but for its own memory; the clock is that of the snapshots)
import { isControlled, listHealthyNodes } from './model.ts';
import { SEEDED_PREFIX } from './names.ts';
import type { Rule, Verdict } from './rule.ts';
import type { Snapshot } from './snapshot.ts';

export interface Violation {
  /** RFC 3339. */
  at: string;
  invariant: string;
  rule: string;
  object: string;
  message: string;
  /** Broken on purpose, as a name of it tells. */
  seeded: boolean;
}

interface Open {
  /** For how long it was broken while all that could mend it was up. */
  countedMs: number;
  lastMs: number;
  told: boolean;
}

/** A pause in the looks, however long, counts as one of this length. */
const MAX_STEP_MS = 15_000;

/** Follows what is broken from snapshot to snapshot. */
export class Judge {
  readonly #rules: readonly Rule[];
  /** Things looked at, by invariant. */
  readonly looked: Record<string, number> = {};
  #open = new Map<string, Open>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** What has become a violation by this snapshot; each is told once, until it was mended. */
  look(snapshot: Snapshot): Violation[] {
    const health = { isControlled: isControlled(snapshot), nodes: listHealthyNodes(snapshot) };
    const open = new Map<string, Open>();
    const violations = this.#rules.flatMap((rule) =>
      rule.judge(snapshot).flatMap((verdict) => {
        this.looked[rule.id] = (this.looked[rule.id] ?? 0) + 1;
        if (verdict.broken === undefined) return [];
        const key = `${rule.sentence} ${verdict.object}`;
        const isUp =
          health.isControlled && (verdict.node === undefined || health.nodes.has(verdict.node));
        const now = step(this.#open.get(key), snapshot.atMs, isUp);
        const isDue = !now.told && now.countedMs >= rule.graceMs;
        open.set(key, { ...now, told: now.told || isDue });
        return isDue ? [buildViolation(rule, verdict, snapshot.atMs)] : [];
      }),
    );
    this.#open = open;
    return violations;
  }

  /** Nobody could look, so something was down: every grace begins anew. */
  interrupt(): void {
    for (const one of this.#open.values()) one.countedMs = 0;
  }
}

function step(former: Open | undefined, atMs: number, isUp: boolean): Open {
  if (!former) return { countedMs: 0, lastMs: atMs, told: false };
  const passedMs = Math.min(atMs - former.lastMs, MAX_STEP_MS);
  return { ...former, lastMs: atMs, countedMs: isUp ? former.countedMs + passedMs : 0 };
}

function buildViolation(rule: Rule, verdict: Verdict, atMs: number): Violation {
  return {
    at: new Date(atMs).toISOString(),
    invariant: rule.id,
    rule: rule.sentence,
    object: verdict.object,
    message: verdict.broken ?? '',
    seeded: verdict.marks.some((mark) => mark?.startsWith(SEEDED_PREFIX)),
  };
}
