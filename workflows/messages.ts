// Which messages does a claim's workflow understand?
import { defineQuery, defineSignal } from '@temporalio/workflow';
import { RECONCILE_SIGNAL } from '../api/names.ts';
import type { ClaimStatusDraft } from '../activities/contract.ts';
import type { ClaimState } from './state.ts';

/** "Look again": what the watcher knows of the claim, never what to do. */
export interface ReconcileSignal {
  /** `metadata.generation` that the sender has seen. */
  generation: number;
  /** The sender has seen a `deletionTimestamp`. */
  deleting: boolean;
}

/** Answer of the query `status`. */
export interface WorkflowStatus {
  generation: number;
  deleting: boolean;
  mounts: ClaimState['mounts'];
  /** Status that was last written to the claim. */
  status?: ClaimStatusDraft;
}

/** Sent by the watcher with every change that concerns the claim. */
export const reconcileSignal = defineSignal<[ReconcileSignal]>(RECONCILE_SIGNAL);

/** What the workflow knows; costs no history. */
export const statusQuery = defineQuery<WorkflowStatus>('status');
