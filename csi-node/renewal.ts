// When does the agent enrol, and again?
import type { Logger } from 'pino';
import type { Identity } from './identity.ts';
import { pause } from './pause.ts';

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** The clock of a node may jump: no wait is trusted for longer. */
const MAX_WAIT_MS = 60_000;

/** Keeps the agent's certificate fresh. */
export interface Renewal {
  /** Tries no more. */
  stop(): void;
}

/**
 * Time until the next try to enrol, in milliseconds.
 *
 * @param failures in a row; a certificate that has to be renewed as soon as it is there counts as well
 * @param random in [0, 1): spreads the agents of many nodes
 */
export function planNextTry(state: {
  identity: Identity | undefined;
  failures: number;
  nowMs: number;
  random: number;
}): number {
  const { identity, failures, nowMs, random } = state;
  const dueMs = identity === undefined ? 0 : Math.max(0, identity.renewAtMs - nowMs);
  if (dueMs > 0 || failures === 0) return dueMs;
  const backOffMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 16), MAX_RETRY_MS);
  return backOffMs * (1 - random / 2);
}

/**
 * Enrols when there is no certificate, or half of its life is over, until it is stopped. After a failure it is tried
 * again with back-off; what the agent has stays in use meanwhile.
 */
export function startRenewal(options: {
  identity: Identity | undefined;
  enrol: () => Promise<Identity>;
  use: (identity: Identity) => void;
  log: Logger;
}): Renewal {
  const { enrol, use, log } = options;
  const stopped = new AbortController();
  let { identity } = options;
  let failures = 0;

  async function attempt(): Promise<void> {
    try {
      identity = await enrol();
      use(identity);
      const { renewAtMs } = identity;
      const isLate = renewAtMs <= Date.now();
      failures = isLate ? failures + 1 : 0;
      const renewAt = new Date(renewAtMs);
      if (isLate)
        log.warn(
          { renewAt },
          'Enrolled, but half of the time is over: compare the clocks of nodes',
        );
      else log.info({ renewAt }, 'Enrolled');
    } catch (error) {
      failures += 1;
      const until = identity ? new Date(identity.expiresAtMs) : 'none';
      log.warn(
        { err: error, certificateUntil: until },
        'Could not enrol at the controller; trying again',
      );
    }
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      const state = { identity, failures, nowMs: Date.now(), random: Math.random() };
      const waitMs = planNextTry(state);
      await pause(Math.min(waitMs, MAX_WAIT_MS), stopped.signal);
      if (waitMs <= MAX_WAIT_MS && !stopped.signal.aborted) await attempt();
    }
  }

  void run();
  return { stop: () => stopped.abort() };
}
