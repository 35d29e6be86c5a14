// When is a source brought back, how often is that tried, and what is told of it?
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeError } from '../api/errors.ts';
import type { SourceReport, SourceState } from '../api/node-agent.ts';
import { Slots } from '../api/slots.ts';
import { sourceLock } from './locks.ts';
import { observeMounts } from './mountinfo.ts';
import { pause } from './pause.ts';
import {
  findShownOf,
  type RepairDependencies,
  type RepairOutcome,
  repairSource,
} from './repair-source.ts';
import type { SourceReports } from './source-reports.ts';

const FIRST_BACK_OFF_MS = 100;
const MAX_BACK_OFF_MS = 15_000;
/** What is back by then is only told as recovered. */
const TELL_DEAD_AFTER_MS = 1_000;
/** PID 1 of a mount pod has 256 places for connections. */
const MAX_TRIES_AT_ONCE = 64;

/** What a recovery works with. */
export type RecoveryDependencies = RepairDependencies & { reports: SourceReports };

/** A source that is being brought back. */
interface Repair {
  sourceKey: string;
  /** Why it is needed; a sentence. */
  cause: string;
  startedMs: number;
  /** Something has happened since the try began that it may have missed. */
  isAgain: boolean;
  /** It hangs, and is to be replaced all the same. */
  replaceHung: boolean;
  /** Ends the wait between two tries. */
  woken: AbortController;
  /** Why the last try failed. */
  failure: string;
}

/** Milliseconds between two tries: 100, doubling to 15,000. */
export function buildBackOffMs(failures: number): number {
  return Math.min(MAX_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failures - 1));
}

/** Brings sources back for as long as pods show them, each one by itself. */
export class Recovery {
  readonly #deps: RecoveryDependencies;
  readonly #repairs = new Map<string, { repair: Repair; ended: Promise<void> }>();
  readonly #slots = new Slots(MAX_TRIES_AT_ONCE);
  readonly #closed = new AbortController();

  constructor(deps: RecoveryDependencies) {
    this.#deps = deps;
  }

  /** Begins to bring a dead source back, unless that goes on already. */
  start(sourceKey: string, cause: string): void {
    const { repair } = this.#repairs.get(sourceKey) ?? this.#begin(sourceKey, cause);
    repair.replaceHung = false;
  }

  /** As `start`; if it goes on already, the next try comes now. */
  lookAgain(sourceKey: string, cause: string): void {
    const going = this.#repairs.get(sourceKey)?.repair;
    this.start(sourceKey, cause);
    if (going !== undefined) beginAgain(going);
  }

  /** The next try of what goes on comes now. */
  hurry(sourceKey: string): void {
    this.#repairs.get(sourceKey)?.repair.woken.abort();
  }

  /** The source has been attached. What else shows it may need it as well. */
  noteAttached(sourceKey: string): void {
    if (!this.#deps.reports.isServing(sourceKey) || this.#repairs.has(sourceKey))
      this.lookAgain(sourceKey, 'The storage client had ended');
  }

  /** Replaces a source that hangs by a fresh mount; settles when it serves, or after the deadline. */
  async replaceHung(sourceKey: string, cause: string, deadlineMs: number): Promise<void> {
    const { repair, ended } = this.#repairs.get(sourceKey) ?? this.#begin(sourceKey, cause);
    repair.replaceHung = true;
    beginAgain(repair);
    await Promise.race([ended, sleep(deadlineMs, undefined, { ref: false })]);
  }

  /** Tells how a source is, and where it is shown; of one whose storage fails with the error's code. */
  tell(
    sourceKey: string,
    state: SourceState,
    message: string,
    code: SourceReport['code'] = '',
  ): void {
    const targets = findShownOf(observeMounts(), sourceKey).map(({ target }) => target);
    if (targets.length > 0) this.#deps.reports.tell({ sourceKey, state, code, message, targets });
  }

  /** Ends everything; mounts stay as they are. */
  close(): void {
    this.#closed.abort();
    for (const { repair } of this.#repairs.values()) repair.woken.abort();
  }

  #begin(sourceKey: string, cause: string) {
    const repair: Repair = {
      ...{ sourceKey, cause, replaceHung: false, isAgain: false, failure: '' },
      ...{ startedMs: performance.now(), woken: new AbortController() },
    };
    const ended = this.#run(repair).catch((error: unknown) =>
      this.#deps.log.error({ sourceKey, err: error }, 'Recovery failed'),
    );
    const going = { repair, ended };
    this.#repairs.set(sourceKey, going);
    return going;
  }

  async #run(repair: Repair): Promise<void> {
    const late = setTimeout(() => this.#tellDead(repair), TELL_DEAD_AFTER_MS);
    try {
      for (let failures = 0; !this.#closed.signal.aborted;) {
        repair.isAgain = false;
        repair.failure = '';
        repair.woken = new AbortController();
        const isDone = await this.#slots.run(() => this.#try(repair));
        if (isDone && !repair.isAgain) return;
        if (repair.failure !== '') await pause(buildBackOffMs(++failures), repair.woken.signal);
      }
    } finally {
      clearTimeout(late);
      this.#repairs.delete(repair.sourceKey);
    }
  }

  /** One try; whether there is nothing left to do. */
  async #try(repair: Repair): Promise<boolean> {
    const { sourceKey } = repair;
    let yielding: AbortSignal | undefined;
    try {
      const outcome = await this.#deps.locks.runYielding(sourceLock(sourceKey), (wanted) => {
        yielding = wanted;
        const signal = AbortSignal.any([wanted, this.#closed.signal]);
        return repairSource(this.#deps, sourceKey, { signal, replaceHung: repair.replaceHung });
      });
      this.#tellOutcome(repair, outcome);
      return true;
    } catch (thrown) {
      // Somebody else wants the source: that comes first, and the next try after it.
      return yielding?.aborted ? false : this.#noteFailure(repair, VolumeError.from(thrown));
    }
  }

  #tellOutcome({ sourceKey, cause, startedMs }: Repair, outcome: RepairOutcome): void {
    if (outcome === 'unknown') {
      const rest = 'the node agent was started after that and waits for the next attach';
      this.tell(sourceKey, 'dead', `${cause}; ${rest}`);
    }
    const isTold = !this.#deps.reports.isServing(sourceKey);
    if (outcome !== 'repaired' && !(outcome === 'serving' && isTold)) return;
    const durationMs = Math.round(performance.now() - startedMs);
    this.#deps.log.info({ sourceKey, cause, durationMs }, 'Source serves again');
    this.tell(sourceKey, 'recovered', `${cause}; the storage was mounted anew`);
  }

  /** Whether that is the end: a source that hangs is the watchdog's. */
  #noteFailure(repair: Repair, { code, message }: VolumeError): boolean {
    if (this.#closed.signal.aborted || code === 'MOUNT_HUNG') return true;
    const { sourceKey, startedMs } = repair;
    repair.failure = message;
    this.#deps.log.warn({ sourceKey, code, err: message }, 'Source was not brought back');
    if (performance.now() - startedMs > TELL_DEAD_AFTER_MS) this.#tellDead(repair);
    return false;
  }

  #tellDead({ sourceKey, cause, failure, replaceHung }: Repair): void {
    if (replaceHung) return;
    const rest = failure === '' ? 'it is being mounted anew' : `mounting it anew fails: ${failure}`;
    this.tell(sourceKey, 'dead', `${cause}; ${rest}`);
  }
}

function beginAgain(repair: Repair): void {
  repair.isAgain = true;
  repair.woken.abort();
}
