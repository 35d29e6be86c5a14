// Who may work on one thing right now?

/** One operation at a time per key, in the order of arrival. */
export class Locks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` when everything that was queued under this key before has ended, well or badly. */
  async run<T>(key: string, work: () => Promise<T> | T): Promise<T> {
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

/** The key under which a pod's volume root and everything in it changes. */
export const podLock = (podUid: string) => `pod/${podUid}`;
