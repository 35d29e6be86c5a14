// Which part of an attach took how long?

/** `cold`: the mount pod had to be waited for; `warm`: it listened; `mounted`: the source was mounted already. */
export type AttachStart = 'cold' | 'warm' | 'mounted';

/** A part of an attach; `total` is all of it, with the wait for others who work on the source. */
export type AttachPhase = 'mount_pod' | 'source' | 'attach' | 'total';

/** What a timer has measured. */
export interface AttachTimes {
  start: AttachStart;
  /** Seconds; `mount_pod` is left out when there was no need of one. */
  phases: [AttachPhase, number][];
}

/** Measures one attach, whose parts come one after another. */
export class AttachTimer {
  readonly #calledMs = performance.now();
  #lapMs = this.#calledMs;
  readonly #times: AttachTimes = { start: 'mounted', phases: [] };

  /** Its turn has come. */
  begin(): void {
    this.#lapMs = performance.now();
  }

  /** The mount pod listens. */
  noteMountPod(wasWaitedFor: boolean): void {
    this.#times.start = wasWaitedFor ? 'cold' : 'warm';
    this.#lap('mount_pod');
  }

  /** The source is mounted and answers. */
  noteSource(): void {
    this.#lap('source');
  }

  /** The pods see it. */
  end(): AttachTimes {
    this.#lap('attach');
    this.#times.phases.push(['total', (this.#lapMs - this.#calledMs) / 1_000]);
    return this.#times;
  }

  #lap(phase: AttachPhase): void {
    const nowMs = performance.now();
    this.#times.phases.push([phase, (nowMs - this.#lapMs) / 1_000]);
    this.#lapMs = nowMs;
  }
}
