// What has been decided a short while ago?

/** How long a decision counts, in milliseconds: a right that was taken away is gone after that. */
const LIFETIME_MS = 30_000;

/** Decisions that are kept at most; the oldest goes first. */
const MAX_DECISIONS = 5_000;

interface Decision<T> {
  value: Promise<T>;
  untilMs: number;
}

/** Answers by key, each asked for once while it counts. What fails is asked for again. */
export class Decisions<T> {
  readonly #decisions = new Map<string, Decision<T>>();
  readonly #nowMs: () => number;

  /** @param nowMs milliseconds of a clock that does not go back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(key: string, decide: () => Promise<T>): Promise<T> {
    const known = this.#decisions.get(key);
    if (known && known.untilMs > this.#nowMs()) return known.value;
    const decision = { value: decide(), untilMs: this.#nowMs() + LIFETIME_MS };
    this.#decisions.delete(key);
    this.#decisions.set(key, decision);
    this.#dropOldest();
    decision.value.catch(() => {
      if (this.#decisions.get(key) === decision) this.#decisions.delete(key);
    });
    return decision.value;
  }

  #dropOldest(): void {
    const [oldest] = this.#decisions.keys();
    if (this.#decisions.size > MAX_DECISIONS && oldest !== undefined)
      this.#decisions.delete(oldest);
  }
}
