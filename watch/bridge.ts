// How does every claim that must look again reach its workflow, once and soon?
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { buildClaimFields } from '../logging/fields.ts';
import type { ReconcileSignal } from '../workflows/messages.ts';
import { buildBackoffMs } from './backoff.ts';

const BACKOFF = { firstMs: 100, capMs: 15_000 };
const DEFAULT_CONCURRENCY = 50;

export interface BridgeOptions {
  /**
   * Starts the claim's workflow or finds it running, and signals it. Resolves also when the workflow has completed,
   * because then the claim has been cleaned up.
   */
  signalWithStart(claim: DynamicVolumeClaim, payload: ReconcileSignal): Promise<void>;
  log: Logger;
  /** Signals in flight at most; default 50. */
  concurrency?: number;
  /** Told of each signal that was taken: its claim, and seconds since the first change that it is about. */
  onSignalled?(claim: DynamicVolumeClaim, seconds: number): void;
}

/** Why a claim must look again, beyond that something has changed. */
export interface LookReason {
  /** The claim is no longer there, although nobody was seen to delete it. */
  vanished?: boolean;
  /** What is thought to serve may not. */
  recheck?: boolean;
}

export interface Bridge {
  /** The claim must look again. */
  look(claim: DynamicVolumeClaim, reason?: LookReason): void;
  /** Sends nothing more; resolves when nothing is in flight. */
  stop(): Promise<void>;
  /** What is still to be told. */
  backlog(): Backlog;
}

/** Claims whose workflow is still to be told of a change, and the milliseconds since the oldest such change (0: none). */
export interface Backlog {
  claims: number;
  oldestMs: number;
}

interface Pending {
  claim: DynamicVolumeClaim;
  payload: ReconcileSignal;
  /** When the first change came that it is about (`performance.now`). */
  sinceMs: number;
}

/** What is known of one claim: what it has still to be told, and why that is not being sent now. */
interface Lane {
  pending: Pending | undefined;
  /** Of the oldest change that is not known to have been told. */
  sinceMs: number;
  state: 'queued' | 'sending' | 'resting';
  failures: number;
  timer?: NodeJS.Timeout;
}

/**
 * A queue that coalesces by claim UID: the first look goes out at once, what comes while that is in flight becomes one
 * more signal. A failed signal is repeated with back-off until it succeeds, without holding up other claims.
 */
export function createBridge(options: BridgeOptions): Bridge {
  const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
  const lanes = new Map<string, Lane>();
  const queue: string[] = [];
  let sending = 0;
  let stopped = false;
  const drained = Promise.withResolvers<void>();

  function enqueue(uid: string, lane: Lane): void {
    lane.state = 'queued';
    queue.push(uid);
    pump();
  }

  function pump(): void {
    if (stopped) return;
    while (sending < concurrency) {
      const uid = queue.shift();
      const lane = uid === undefined ? undefined : lanes.get(uid);
      if (uid === undefined || lane === undefined) return;
      sending += 1;
      void send(uid, lane).finally(() => {
        sending -= 1;
        if (stopped && sending === 0) drained.resolve();
        pump();
      });
    }
  }

  async function send(uid: string, lane: Lane): Promise<void> {
    const sent = takePending(lane);
    if (sent === undefined) return;
    lane.state = 'sending';
    try {
      await options.signalWithStart(sent.claim, sent.payload);
    } catch (error) {
      lane.pending = merge(sent, lane.pending);
      rest(uid, lane, error);
      return;
    }
    tellSignalled(sent);
    lane.failures = 0;
    if (lane.pending === undefined) {
      lanes.delete(uid);
      return;
    }
    lane.sinceMs = lane.pending.sinceMs;
    enqueue(uid, lane);
  }

  /** A signal that was taken stays so, whatever becomes of this. */
  function tellSignalled({ claim, sinceMs }: Pending): void {
    try {
      options.onSignalled?.(claim, (performance.now() - sinceMs) / 1_000);
    } catch (error) {
      const fields = buildClaimFields(claim.metadata);
      options.log.error({ ...fields, err: error }, 'Signal could not be noted');
    }
  }

  function rest(uid: string, lane: Lane, error: unknown): void {
    lane.state = 'resting';
    lane.failures += 1;
    const retryInMs = Math.round(buildBackoffMs(BACKOFF, lane.failures, Math.random()));
    const fields = lane.pending && buildClaimFields(lane.pending.claim.metadata);
    options.log.warn({ ...fields, err: error, retryInMs }, 'Claim could not be signalled');
    if (stopped) return;
    lane.timer = setTimeout(() => enqueue(uid, lane), retryInMs);
  }

  return {
    look(claim, reason = {}) {
      if (stopped) return;
      const uid = claim.metadata.uid;
      const look = buildPending(claim, reason);
      const lane = lanes.get(uid);
      if (lane !== undefined) {
        lane.pending = merge(lane.pending, look);
        return;
      }
      const { sinceMs } = look;
      const created: Lane = { pending: look, sinceMs, state: 'queued', failures: 0 };
      lanes.set(uid, created);
      enqueue(uid, created);
    },
    stop() {
      stopped = true;
      for (const lane of lanes.values()) clearTimeout(lane.timer);
      if (sending === 0) drained.resolve();
      return drained.promise;
    },
    backlog() {
      const nowMs = performance.now();
      const waits = [...lanes.values()].map(({ sinceMs }) => nowMs - sinceMs);
      return { claims: lanes.size, oldestMs: waits.reduce((a, b) => Math.max(a, b), 0) };
    },
  };
}

function takePending(lane: Lane): Pending | undefined {
  const { pending } = lane;
  lane.pending = undefined;
  return pending;
}

function buildPending(
  claim: DynamicVolumeClaim,
  { vanished = false, recheck = false }: LookReason,
): Pending {
  const { generation, deletionTimestamp } = claim.metadata;
  const deleting = vanished || deletionTimestamp !== undefined;
  const more = { ...(vanished ? { vanished } : {}), ...(recheck ? { recheck } : {}) };
  const payload = { generation, deleting, ...more };
  return { claim, payload, sinceMs: performance.now() };
}

/**
 * Looks may arrive out of order after a failure: neither the generation nor the deletion goes back, and no recheck is
 * lost. A deletion that somebody has seen explains that the object is gone.
 */
function merge(earlier: Pending | undefined, later: Pending | undefined): Pending | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier;
  const [a, b] = [earlier.payload, later.payload];
  const deleting = a.deleting || b.deleting;
  const wasDeleted = [a, b].some((one) => one.deleting && !one.vanished);
  return {
    claim: later.claim,
    sinceMs: Math.min(earlier.sinceMs, later.sinceMs),
    payload: {
      generation: Math.max(a.generation, b.generation),
      deleting,
      ...(deleting && !wasDeleted ? { vanished: true } : {}),
      ...(a.recheck || b.recheck ? { recheck: true } : {}),
    },
  };
}
