// What does the console's API answer? (JSON; read by the page and by the command line)
import type { Condition } from '../../api/conditions.ts';
import type { ClaimPod, DynamicVolumeClaimSpec } from '../../api/dynamic-volume-claim.ts';

export type { MountsAnswer, MountStatistics } from '../../api/mount-statistics.ts';

/**
 * What a person asks first of a claim:
 * - `Ready`: every matching pod has the storage
 * - `Reconciling`: something is under way
 * - `Waiting`: not ready, and nothing is wrong: no pod matches yet, or it was detached by a person
 * - `Failed`: not ready, and something has to be mended
 * - `Deleting`: has a deletionTimestamp
 */
export type ClaimPhase = 'Ready' | 'Reconciling' | 'Waiting' | 'Failed' | 'Deleting';

/** A row of the list of claims. */
export interface ClaimSummary {
  namespace: string;
  name: string;
  uid: string;
  provider: string;
  /** `<bucket>` or `<bucket>/<prefix>`. */
  storage: string;
  endpoint: string;
  /** StorageProviderClass in use, or wanted; "" when it is not known yet. */
  className: string;
  mountpoint: string;
  readOnly: boolean;
  phase: ClaimPhase;
  /** Reason and message of the condition Ready; "" before the first look. */
  reason: string;
  message: string;
  matched: number;
  attached: number;
  failed: number;
  notInjected: number;
  /** RFC 3339. */
  createdAt: string;
  workflow?: { id: string; url?: string };
}

/** A mount pod, as its pod and the claims that it serves tell. */
export interface MountPodView {
  name: string;
  uid: string;
  node: string;
  /** `Running`, `Pending`, `Ending`, or why it does not run. */
  state: string;
  /** Serves every matching pod of its namespace on the node, not one alone. */
  shared: boolean;
  /** Names of the claim's pods that it serves. */
  pods: string[];
}

/** Everything that is shown of one claim. */
export interface ClaimDetail extends ClaimSummary {
  spec: DynamicVolumeClaimSpec;
  conditions: Condition[];
  /** At most 20, failures first, as in the status. */
  pods: ClaimPod[];
  /** Matching pods that `pods` leaves out. */
  morePods: number;
  mountPods: MountPodView[];
  /** Plain sentences of the workflow's query `explain`; absent when Temporal or the workflow does not answer. */
  explanation?: string;
}

/** One step of a claim's life, as its workflow's history tells it. */
export interface TimelineEntry {
  /** Id of the history event that begins it; unique within the run, ascending. */
  eventId: number;
  /** RFC 3339, milliseconds. */
  at: string;
  kind: 'life' | 'signal' | 'update' | 'look' | 'work' | 'status' | 'timer';
  /** A few words: "attach 2 pods on node1", "remount asked for". */
  title: string;
  /** How it went; `open` while it goes on. */
  outcome: 'done' | 'failed' | 'canceled' | 'open';
  /** Milliseconds from its begin to its end; absent while it goes on and for what takes no time. */
  durationMs?: number;
  /** Which attempt it is or was, from 1; absent when there was one alone. */
  attempt?: number;
  /** Why it failed, or what else is worth knowing. */
  detail?: string;
}

export interface Timeline {
  workflowId: string;
  url?: string;
  /** `Running`, `Completed`, `Failed`, `Terminated` or `ContinuedAsNew`, as Temporal calls it. */
  status: string;
  /** Oldest first. */
  entries: TimelineEntry[];
}

/** `GET /api/claims?namespace=` */
export interface ClaimsAnswer {
  claims: ClaimSummary[];
}

/** Every answer with a status of 400 and above. */
export interface ErrorAnswer {
  /** One sentence for a person. */
  message: string;
}

/** Paths of the API. */
export const CONSOLE_PATHS = {
  claims: '/api/claims',
  /** Server-sent events `change`, each with a {@link ClaimsAnswer} of the claims that changed, and `gone`, with UIDs. */
  stream: '/api/stream',
  mounts: '/api/mounts',
} as const;

/** Path of a claim's detail. */
export function buildClaimPath(namespace: string, name: string): string {
  return `${CONSOLE_PATHS.claims}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** Path of a claim's timeline. */
export function buildTimelinePath(namespace: string, name: string): string {
  return `${buildClaimPath(namespace, name)}/timeline`;
}
