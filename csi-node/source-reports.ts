// Which sources do not serve right now, or not well, and who is told of it?
import type { SourceReport } from '../api/node-agent.ts';

/** Takes a report; must not wait. */
export type Subscriber = (report: SourceReport) => void;

/** The reports of `Watch`: what does not serve well now, and every change of that. */
export class SourceReports {
  /** `dead`, `hung` and `failing` ones, by source key. */
  readonly #current = new Map<string, SourceReport>();
  readonly #subscribers = new Set<Subscriber>();

  get(sourceKey: string): SourceReport | undefined {
    return this.#current.get(sourceKey);
  }

  /** Is it neither known to be dead nor to hang? Its storage may fail. */
  isServing(sourceKey: string): boolean {
    const state = this.#current.get(sourceKey)?.state;
    return state !== 'dead' && state !== 'hung';
  }

  /** Tells everybody, unless that is what they were told last. */
  tell(report: SourceReport): void {
    const { sourceKey, state, message } = report;
    const former = this.#current.get(sourceKey);
    if (former?.state === state && former.message === message) return;
    if (state === 'recovered' || state === 'healthy') this.#current.delete(sourceKey);
    else this.#current.set(sourceKey, report);
    for (const subscriber of this.#subscribers) subscriber(report);
  }

  /** Forgets what nobody shows any more. */
  keepShown(isShown: (sourceKey: string) => boolean): void {
    for (const key of this.#current.keys()) if (!isShown(key)) this.#current.delete(key);
  }

  /** Tells what does not serve well now, then every change, until the returned function is called. */
  subscribe(subscriber: Subscriber): () => void {
    for (const report of this.#current.values()) subscriber(report);
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }
}
