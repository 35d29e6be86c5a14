// Which mounts serve although their storage fails, and when do their claims learn it?
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import { observeFailingSources } from './failing-sources.ts';
import { planStorageStep, SETTLE_MS } from './failing-storage-plan.ts';
import type { Locks } from './locks.ts';
import { mountPodLock } from './locks.ts';
import { waitForMountPod } from './mount-pod.ts';
import { observeMounts } from './mountinfo.ts';
import type { Recovery } from './recovery.ts';
import type { ServedSources, SourceRequest } from './served-sources.ts';
import type { SourceReports } from './source-reports.ts';
import { findStaged } from './stage.ts';
import { checkStorage } from './storage-call.ts';

/** Somebody waits for the attach. */
const ANSWER_DEADLINE_MS = 3_000;
/** A mount pod that hardly gets to run; news that are not heard would be lost. */
const NEWS_DEADLINE_MS = 25_000;

/** What it works with. */
export interface FailingStorageDependencies {
  locks: Locks;
  served: ServedSources;
  reports: SourceReports;
  recovery: Recovery;
  log: Logger;
}

/** What a storage answers: an error, nothing wrong, or nobody could be asked. */
type Answer = VolumeError | 'well' | 'nobody';

/**
 * Tells of sources whose storage fails, and that it answers again. It looks when a mount pod has news, which somebody's
 * look at a mount has brought: as long as nobody reads, nothing is asked. Mounts are left alone.
 */
export class FailingStorage {
  readonly #deps: FailingStorageDependencies;
  /** Mount pods whose next look has not begun. */
  readonly #queued = new Set<string>();
  /** Later looks, by mount pod. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** When a source's state was told or its storage was asked last. */
  readonly #changedMs = new Map<string, number>();
  readonly #closed = new AbortController();

  constructor(deps: FailingStorageDependencies) {
    this.#deps = deps;
  }

  /** The mount pod has news of its sources, or may have. */
  look(mountPodUid: string): void {
    if (this.#queued.has(mountPodUid) || this.#closed.signal.aborted) return;
    this.#queued.add(mountPodUid);
    this.#deps.locks
      .run(mountPodLock(mountPodUid), () => this.#lookNow(mountPodUid))
      .catch((error: unknown) =>
        // It has ended or does not answer; it is mended, and looked at again.
        this.#deps.log.info({ mountPodUid, err: error }, 'News were not heard'),
      );
  }

  /** Why a source that is mounted cannot be used now, if its storage is known to fail and still does. */
  async findFailure(request: SourceRequest, signal: AbortSignal): Promise<VolumeError | undefined> {
    const { sourceKey } = request;
    const report = this.#deps.reports.get(sourceKey);
    if (report?.state === 'failing' && this.#sinceMs(sourceKey) < SETTLE_MS)
      return new VolumeError(report.code || 'STORAGE_ERROR', report.message);
    if (report?.state !== 'failing' && !(await this.#wasFailing(request))) return undefined;
    const answer = await this.#ask(request, signal);
    if (answer === 'well') this.#tellHealthy(sourceKey);
    if (!(answer instanceof VolumeError)) return undefined;
    this.#deps.served.set(request);
    if (report === undefined) this.#tellFailing(sourceKey, answer);
    return answer;
  }

  /** Ends everything; mounts stay as they are. */
  close(): void {
    this.#closed.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #lookNow(mountPodUid: string): Promise<void> {
    clearTimeout(this.#timers.get(mountPodUid));
    this.#timers.delete(mountPodUid);
    this.#queued.delete(mountPodUid);
    const failing = await observeFailingSources(mountPodUid, this.#within(NEWS_DEADLINE_MS));
    const keys = this.#deps.served.findServedBy(mountPodUid);
    const waits = await Promise.all(keys.map((key) => this.#see(key, failing.has(key))));
    const durationMs = Math.min(...waits);
    if (!Number.isFinite(durationMs) || this.#closed.signal.aborted) return;
    const timer = setTimeout(() => this.look(mountPodUid), durationMs);
    this.#timers.set(mountPodUid, timer.unref());
  }

  /** Answers after which time to look again; infinite is never. */
  async #see(sourceKey: string, isFailing: boolean): Promise<number> {
    const told = this.#deps.reports.get(sourceKey)?.state;
    const step = planStorageStep({ isFailing, told, sinceMs: this.#sinceMs(sourceKey) });
    if (step.kind === 'wait') return step.durationMs;
    if (step.kind === 'tellHealthy') this.#tellHealthy(sourceKey);
    const request = this.#deps.served.get(sourceKey);
    if (step.kind !== 'ask' || request === undefined) return Infinity;
    const answer = await this.#ask(request, this.#closed.signal);
    if (answer instanceof VolumeError) this.#tellFailing(sourceKey, answer);
    else this.#changedMs.set(sourceKey, performance.now());
    return Infinity;
  }

  /** A new agent has not been told what its predecessor has told. */
  async #wasFailing({ sourceKey, mountPodUid }: SourceRequest): Promise<boolean> {
    if (this.#deps.served.get(sourceKey) !== undefined) return false;
    if (findStaged(observeMounts(), sourceKey) === undefined) return false;
    try {
      return (await observeFailingSources(mountPodUid, this.#within(ANSWER_DEADLINE_MS))).has(
        sourceKey,
      );
    } catch {
      return false; // it does not listen: then its mounts are dead
    }
  }

  async #ask(request: SourceRequest, signal: AbortSignal): Promise<Answer> {
    const { mountPodUid } = request;
    try {
      using pod = await waitForMountPod(mountPodUid, { deadlineMs: ANSWER_DEADLINE_MS, signal });
      await checkStorage(pod, { source: request, nonce: randomBytes(8).toString('hex'), signal });
      return 'well';
    } catch (error) {
      const isAnswer = error instanceof VolumeError && error.code !== 'MOUNT_POD_NOT_READY';
      return isAnswer ? error : 'nobody';
    }
  }

  #tellFailing(sourceKey: string, { code, message }: VolumeError): void {
    // It may have ended while its storage was asked.
    if (!this.#deps.reports.isServing(sourceKey)) return;
    this.#deps.log.warn({ sourceKey, code, err: message }, 'Storage fails');
    this.#changedMs.set(sourceKey, performance.now());
    this.#deps.recovery.tell(sourceKey, 'failing', message, code);
  }

  #tellHealthy(sourceKey: string): void {
    if (this.#deps.reports.get(sourceKey)?.state !== 'failing') return;
    this.#deps.log.info({ sourceKey }, 'Storage answers again');
    this.#changedMs.set(sourceKey, performance.now());
    this.#deps.recovery.tell(sourceKey, 'healthy', 'The storage answers again');
  }

  #sinceMs(sourceKey: string): number {
    const sinceMs = performance.now() - (this.#changedMs.get(sourceKey) ?? -Infinity);
    if (sinceMs >= SETTLE_MS) this.#changedMs.delete(sourceKey);
    return sinceMs;
  }

  #within(deadlineMs: number): AbortSignal {
    return AbortSignal.any([this.#closed.signal, AbortSignal.timeout(deadlineMs)]);
  }
}
