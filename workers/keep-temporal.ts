// Is still in Temporal what the controller needs there, or was its database lost?
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { buildBackoffMs, sleep } from '../watch/backoff.ts';
import { ensureAuditSchedule } from './audit-schedule.ts';
import { ensureSearchAttributes } from './search-attributes.ts';

/** A database that was lost is noticed after this time; two requests each. */
const EVERY_MS = 30_000;
const BACKOFF = { firstMs: 1_000, capMs: 30_000 };

export interface KeepTemporalOptions {
  connection: NativeConnection;
  namespace: string;
  /** Queue of the drift audit; that of the claims when absent. */
  taskQueue?: string;
  log: Logger;
  /** All workflows are gone with the database: every claim must look again. Must not throw. */
  onLost(): void;
  /** Milliseconds between two looks; default 30,000. */
  everyMs?: number;
}

/**
 * Makes sure of the search attributes and of the drift audit's schedule, now and then again, until the signal
 * aborts. A schedule that was there and has to be made anew tells of a lost database. Never rejects.
 */
export async function keepTemporal(
  options: KeepTemporalOptions,
  signal: AbortSignal,
): Promise<void> {
  const { connection, namespace, log, onLost, everyMs = EVERY_MS } = options;
  let wasThere = false;
  for (let failures = 0; !signal.aborted;) {
    try {
      // Whoever may not register them has them registered by somebody else; the audit must not wait for it.
      await ensureSearchAttributes(connection, namespace).catch((error: unknown) =>
        log.warn({ err: error }, 'Search attributes could not be registered'),
      );
      const made = await ensureAuditSchedule(options);
      if (made && wasThere) {
        log.error('Temporal has lost its database; every claim is looked at again');
        onLost();
      }
      wasThere = true;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!signal.aborted) log.warn({ err: error }, 'Temporal could not be prepared');
    }
    const waitMs = failures === 0 ? everyMs : buildBackoffMs(BACKOFF, failures, Math.random());
    await sleep(waitMs, signal);
  }
}
