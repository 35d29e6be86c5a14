// Which mounts do not answer any more?
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { observeMounts } from './mountinfo.ts';
import type { MountPodWatches } from './mount-pod-watches.ts';
import { pause } from './pause.ts';
import { HELPER_ENDED, observePath } from './probe.ts';
import { abortAll, type LadderDependencies, releaseHung } from './release-hung.ts';
import type { ServedSources } from './served-sources.ts';
import { buildHung } from './source.ts';
import type { SourceReports } from './source-reports.ts';
import { findOverdue, type HungMount, planQuestions, type Question } from './watchdog-plan.ts';

const ROUND_MS = 5_000;
/** rclone answers for the root without asking its server, so a slow one takes nothing like that. */
const HUNG_AFTER_MS = 15_000;
const LATE_ANSWER_MS = 500;
/** What the socket to the probe helper takes at once; and how long the next ones wait for those that do not answer. */
const BATCH = 32;
const BATCH_PATIENCE_MS = 50;

/** What the watchdog works with. */
export interface WatchdogDependencies extends LadderDependencies {
  reports: SourceReports;
  served: ServedSources;
  watches: MountPodWatches;
  log: Logger;
}

/** Asks every mount that a pod shows whether it answers, every 5 s, and sees to those that do not. */
export class Watchdog {
  readonly #deps: WatchdogDependencies;
  readonly #hungTimeoutMs: number;
  /** Devices with a question that waits for its answer. */
  readonly #asked = new Set<string>();
  /** By device. */
  readonly #hung = new Map<string, HungMount>();
  /** Mount pods whose hung sources are being released. */
  readonly #releasing = new Set<string>();
  readonly #closed = new AbortController();

  constructor(deps: WatchdogDependencies, hungTimeoutMs: number) {
    this.#deps = deps;
    this.#hungTimeoutMs = hungTimeoutMs;
  }

  /** Goes on until `close`. */
  async run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#round();
      } catch (error) {
        this.#deps.log.error({ err: error }, 'Mounts were not looked at');
      }
      await pause(ROUND_MS, signal);
    }
  }

  close(): void {
    this.#closed.abort();
  }

  async #round(): Promise<void> {
    const { reports, served, watches } = this.#deps;
    const questions = planQuestions(observeMounts());
    const keys = new Set(questions.map(({ sourceKey }) => sourceKey));
    const devices = new Set(questions.map(({ device }) => device));
    reports.keepShown((key) => keys.has(key));
    for (const device of this.#hung.keys()) if (!devices.has(device)) this.#hung.delete(device);
    watches.keep(served.mountPodUids);
    this.#releaseOverdue(questions);
    const unasked = questions.filter(({ device }) => !this.#asked.has(device));
    for (let start = 0; start < unasked.length; start += BATCH) {
      const asked = unasked.slice(start, start + BATCH).map((question) => this.#ask(question));
      await Promise.race([Promise.all(asked), sleep(BATCH_PATIENCE_MS)]);
    }
  }

  async #ask(question: Question): Promise<void> {
    const { device, path, sourceKey } = question;
    const askedMs = performance.now();
    this.#asked.add(device);
    try {
      let result = await observePath(this.#deps.probe, path, HUNG_AFTER_MS);
      // If it was we who stood still, the answer is here by now.
      if (result === 'timeout') result = await observePath(this.#deps.probe, path, LATE_ANSWER_MS);
      if (!this.#closed.signal.aborted) this.#judge(question, result, askedMs);
    } catch (error) {
      this.#deps.log.warn({ sourceKey, err: error }, 'Mount could not be asked');
    } finally {
      this.#asked.delete(device);
    }
  }

  #judge(question: Question, result: string, askedMs: number): void {
    const { device, sourceKey } = question;
    if (result === HELPER_ENDED) return;
    if (result === 'timeout') return this.#noteHung(question, askedMs);
    const wasHung = this.#hung.delete(device);
    if (result !== 'ok')
      this.#deps.recovery.start(sourceKey, `The storage client has ended (${result})`);
    else if (wasHung && this.#deps.reports.get(sourceKey)?.state === 'hung')
      this.#deps.recovery.tell(sourceKey, 'recovered', 'The storage client answers again');
  }

  #noteHung({ device, sourceKey, isParked }: Question, askedMs: number): void {
    // It may have been replaced while it was asked, and live on for open files alone.
    if (planQuestions(observeMounts()).every((question) => question.device !== device)) return;
    if (!isParked) return this.#replace(sourceKey);
    const { sinceMs } = this.#hung.get(device) ?? { sinceMs: askedMs };
    this.#hung.set(device, { sourceKey, sinceMs });
    const mountPodUid = this.#deps.served.get(sourceKey)?.mountPodUid;
    this.#deps.log.warn({ sourceKey, mountPodUid }, 'Mount does not answer');
    this.#deps.recovery.tell(sourceKey, 'hung', buildHung(mountPodUid).message);
  }

  /** Its successor is parked, so nothing is won by waiting. */
  #replace(sourceKey: string): void {
    void this.#deps.recovery.replaceHung(sourceKey, 'The storage client did not answer', 0);
  }

  /** One ladder for each mount pod; of an unknown one nothing but the connection can be ended. */
  #releaseOverdue(questions: Question[]): void {
    const overdue = findOverdue([...this.#hung.values()], performance.now(), this.#hungTimeoutMs);
    const { served } = this.#deps;
    const byMountPod = Map.groupBy(overdue, (key) => served.get(key)?.mountPodUid);
    for (const [mountPodUid, sourceKeys] of byMountPod)
      if (mountPodUid === undefined) this.#abort(questions, sourceKeys);
      else if (!this.#releasing.has(mountPodUid)) this.#release(mountPodUid, new Set(sourceKeys));
  }

  #abort(questions: Question[], sourceKeys: string[]): void {
    abortAll(
      questions.filter((one) => this.#hung.has(one.device) && sourceKeys.includes(one.sourceKey)),
    );
  }

  #release(mountPodUid: string, sourceKeys: Set<string>): void {
    this.#releasing.add(mountPodUid);
    releaseHung(this.#deps, mountPodUid, sourceKeys)
      .catch((error: unknown) =>
        this.#deps.log.error({ mountPodUid, err: error }, 'Hung mounts stay'),
      )
      .finally(() => this.#releasing.delete(mountPodUid));
  }
}
