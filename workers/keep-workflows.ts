// Does each claim's workflow hear of its changes, and can it go on?
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { buildWorkflowId } from '../api/names.ts';
import { buildClaimFields } from '../logging/fields.ts';
import { sleep } from '../watch/backoff.ts';
import type { LookReason } from '../watch/bridge.ts';
import type { ClusterView } from '../watch/cluster-view.ts';
import { DueClaims } from './due-claims.ts';
import { endStuckWorkflow } from './stuck-workflow.ts';
import type { TemporalTarget } from './stuck-workflow.ts';

const EVERY_MS = 30_000;
/** A workflow that was told something is looked at so much later, once. */
const LOOK_AFTER_MS = 60_000;

export interface WorkflowKeeperOptions extends TemporalTarget {
  view: Pick<ClusterView, 'claims' | 'podsIn'>;
  look(claim: DynamicVolumeClaim, reason?: LookReason): void;
  log: Logger;
  /** Milliseconds between two rounds; default 30,000. */
  everyMs?: number;
  /** Milliseconds from a signal to the look at its workflow; default 60,000. */
  lookAfterMs?: number;
}

export interface WorkflowKeeper {
  /** The claim's workflow was signalled. */
  told(claim: DynamicVolumeClaim): void;
  /** Keeps the workflows until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** A claim whose workflow was signalled, and has not been looked at since. */
interface Told {
  claim: DynamicVolumeClaim;
  atMs: number;
}

/**
 * Makes up for what Temporal's SDK loses when a task times out while a local activity runs: a signal that came with the next task, and
 * sometimes the workflow, whose tasks fail from then on (docs/bugs.md). A claim that waits too long is signalled
 * again; a workflow that was signalled and cannot go on is ended and made anew.
 */
export function createWorkflowKeeper(options: WorkflowKeeperOptions): WorkflowKeeper {
  const { view, look, log, everyMs = EVERY_MS, lookAfterMs = LOOK_AFTER_MS } = options;
  const due = new DueClaims();
  const toldClaims = new Map<string, Told>();

  async function round(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    for (const claim of due.list(view, now)) look(claim);
    for (const [uid, told] of toldClaims) {
      if (told.atMs + lookAfterMs > now || signal.aborted) continue;
      // What it is told from now on is another reason to look.
      toldClaims.delete(uid);
      await mend(told.claim).catch((error: unknown) => {
        toldClaims.set(uid, toldClaims.get(uid) ?? told);
        throw error;
      });
    }
  }

  async function mend(claim: DynamicVolumeClaim): Promise<void> {
    const workflowId = buildWorkflowId(claim.metadata);
    const failure = await endStuckWorkflow(options, workflowId);
    if (failure === undefined) return;
    log.error(
      { ...buildClaimFields(claim.metadata), reason: failure },
      'A workflow that could not go on is made anew',
    );
    look(claim, { recheck: true });
  }

  return {
    told(claim) {
      // Of several signals the first: one that is told something all the time is looked at as well.
      const { uid } = claim.metadata;
      if (!toldClaims.has(uid)) toldClaims.set(uid, { claim, atMs: performance.now() });
    },
    async run(signal) {
      while (!signal.aborted) {
        await round(signal).catch((error: unknown) => {
          if (!signal.aborted) log.warn({ err: error }, 'Workflows could not be looked at');
        });
        await sleep(everyMs, signal);
      }
    },
  };
}
