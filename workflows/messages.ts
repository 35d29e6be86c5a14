// Which messages does a claim's workflow understand?
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { COMMANDS, RECONCILE_SIGNAL } from '../api/names.ts';
import type { ClaimStatusDraft } from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import type { ClaimState } from './state.ts';

/** "Look again": what the watcher knows of the claim, never what to do. */
export interface ReconcileSignal {
  /** `metadata.generation` that the sender has seen. */
  generation: number;
  /** The sender has seen a `deletionTimestamp`, or that the object is gone. */
  deleting: boolean;
  /** The object is gone, and the sender has not seen that anybody deleted it. */
  vanished?: boolean;
  /** What is thought to serve may not: every pod is attached again, which changes nothing where all is well. */
  recheck?: boolean;
}

/** Argument of `detach`: the storage stays away until `attach`. */
export interface DetachCommand {
  /** Seconds that processes which use the storage are given, 0 to 3600; 30 when absent. */
  graceSeconds?: number;
  /** Take it away at once, whoever uses it, and without waiting for uploads. */
  force?: boolean;
}

/** Answer of the query `status`. */
export interface WorkflowStatus {
  generation: number;
  deleting: boolean;
  mounts: ClaimState['mounts'];
  /** What persons have told. */
  steering: Steering;
  /** Status that was last written to the claim. */
  status?: ClaimStatusDraft;
}

/** Sent by the watcher with every change that concerns the claim. */
export const reconcileSignal = defineSignal<[ReconcileSignal]>(RECONCILE_SIGNAL);

/** What the workflow knows; costs no history. */
export const statusQuery = defineQuery<WorkflowStatus>('status');

/** In words: what is going on, what failed, what comes next. */
export const explainQuery = defineQuery<string>('explain');

/** Replaces the source by a fresh one, with fresh credentials, beneath its readers. */
export const remountSignal = defineSignal(COMMANDS.remount);
export const remountUpdate = defineUpdate<string>(COMMANDS.remount);

/** Takes the storage away from every pod and keeps it away. */
export const detachSignal = defineSignal<[DetachCommand?]>(COMMANDS.detach);
export const detachUpdate = defineUpdate<string, [DetachCommand?]>(COMMANDS.detach);

/** Ends what `detach` began. */
export const attachSignal = defineSignal(COMMANDS.attach);
export const attachUpdate = defineUpdate<string>(COMMANDS.attach);
