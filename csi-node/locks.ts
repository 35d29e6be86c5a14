// Who may work on one thing right now?

/** One operation at a time per key, in the order of arrival. */
export class Locks {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #yielding = new Map<string, AbortController>();

  /** Runs `work` when everything that was queued under this key before has ended, well or badly. */
  run<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    this.#yielding.get(key)?.abort();
    return this.#queue(key, work);
  }

  /**
   * As `run`, for work that can wait and begin again: its signal is aborted as soon as somebody else wants the key.
   * At most one such work for a key.
   */
  async runYielding<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const yielding = new AbortController();
    this.#yielding.set(key, yielding);
    try {
      return await this.#queue(key, () => work(yielding.signal));
    } finally {
      this.#yielding.delete(key);
    }
  }

  async #queue<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    const before = this.#tails.get(key);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return await work();
    })();
    this.#tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }
}

/** The key under which a source is made, cloned and released. */
export const sourceLock = (sourceKey: string) => `source/${sourceKey}`;

/** The key under which a mount pod's news are taken in. */
export const mountPodLock = (mountPodUid: string) => `mount-pod/${mountPodUid}`;

/** The key under which a pod's volume root and everything in it changes. */
export const podLock = (podUid: string) => `pod/${podUid}`;
