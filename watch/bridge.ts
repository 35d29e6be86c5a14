// How does every claim that must look again reach its workflow, once and soon?
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
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
}

interface Pending {
  claim: DynamicVolumeClaim;
  payload: ReconcileSignal;
}

/** What is known of one claim: what it has still to be told, and why that is not being sent now. */
interface Lane {
  pending: Pending | undefined;
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
    const sent = lane.pending;
    if (sent === undefined) return;
    lane.state = 'sending';
    lane.pending = undefined;
    try {
      await options.signalWithStart(sent.claim, sent.payload);
      lane.failures = 0;
      if (lane.pending === undefined) lanes.delete(uid);
      else enqueue(uid, lane);
    } catch (error) {
      lane.pending = merge(sent, lane.pending);
      rest(uid, lane, error);
    }
  }

  function rest(uid: string, lane: Lane, error: unknown): void {
    lane.state = 'resting';
    lane.failures += 1;
    const retryInMs = Math.round(buildBackoffMs(BACKOFF, lane.failures, Math.random()));
    options.log.warn({ err: error, claimUid: uid, retryInMs }, 'Claim could not be signalled');
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
      const created: Lane = { pending: look, state: 'queued', failures: 0 };
      lanes.set(uid, created);
      enqueue(uid, created);
    },
    stop() {
      stopped = true;
      for (const lane of lanes.values()) clearTimeout(lane.timer);
      if (sending === 0) drained.resolve();
      return drained.promise;
    },
  };
}

function buildPending(
  claim: DynamicVolumeClaim,
  { vanished = false, recheck = false }: LookReason,
): Pending {
  const { generation, deletionTimestamp } = claim.metadata;
  const deleting = vanished || deletionTimestamp !== undefined;
  const more = { ...(vanished ? { vanished } : {}), ...(recheck ? { recheck } : {}) };
  return { claim, payload: { generation, deleting, ...more } };
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
    payload: {
      generation: Math.max(a.generation, b.generation),
      deleting,
      ...(deleting && !wasDeleted ? { vanished: true } : {}),
      ...(a.recheck || b.recheck ? { recheck: true } : {}),
    },
  };
}
