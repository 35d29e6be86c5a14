// When are the classes looked at?
import type { Logger } from 'pino';
import type { Dependencies } from '../activities/dependencies.ts';
import { buildBackoffMs } from '../watch/backoff.ts';
import { keepClasses } from './keep-classes.ts';
import type { KeeperDependencies } from './keep-classes.ts';

/** Changes within this time make one look. */
const SETTLE_MS = 250;
const BACKOFF = { firstMs: 1_000, capMs: 60_000 };

export interface ClassKeeper {
  /** Anything has changed in caches that are complete. */
  wake(): void;
  /** Does nothing more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/**
 * Keeps finalizers and warm mount pods of all classes: looks once for many changes, one look at a time, and
 * after a failure again with back-off.
 */
export function createClassKeeper(
  options: Pick<Dependencies, 'view' | 'kubernetes' | 'settings'> & { log: Logger },
): ClassKeeper {
  const { log, view, kubernetes, settings } = options;
  const deps: KeeperDependencies = {
    view,
    kubernetes,
    settings,
    eventCounts: new Map(),
    told: new Map(),
    warn: (message, fields) => log.warn(fields, message),
  };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let dirty = false;
  let failures = 0;
  let stopped = false;

  function schedule(afterMs: number): void {
    if (stopped || timer || running) return;
    timer = setTimeout(() => {
      timer = undefined;
      running = look();
    }, afterMs);
  }

  async function look(): Promise<void> {
    dirty = false;
    let againInMs = SETTLE_MS;
    try {
      await keepClasses(deps);
      failures = 0;
    } catch (error) {
      failures += 1;
      dirty = true;
      againInMs = Math.round(buildBackoffMs(BACKOFF, failures, Math.random()));
      log.warn({ err: error, retryInMs: againInMs }, 'Classes could not be kept');
    }
    running = undefined;
    if (dirty) schedule(againInMs);
  }

  return {
    wake() {
      dirty = true;
      schedule(SETTLE_MS);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
