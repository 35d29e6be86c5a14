// What is given to the activities?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { PullPolicy } from '../api/names.ts';
import type { MountPodThrottling } from '../api/node-agent.ts';
import type { LookReason } from '../watch/bridge.ts';
import type { ClusterView } from '../watch/cluster-view.ts';
import type { KubernetesApi } from '../watch/kubernetes.ts';
import type { EventCounts } from './events.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { NodeAgents } from './node-agents.ts';

export interface ActivitySettings {
  /** Image of the mount pods. */
  mountPodImage: string;
  /** When nodes pull that image; `IfNotPresent` unless told. */
  pullPolicy?: PullPolicy;
  /** PriorityClass of the mount pods. */
  priorityClassName?: string;
  /** Names of the Secrets, in the mount pods' namespace, that their image is pulled with. */
  pullSecrets?: string[];
  /** ConfigMap in the mount pods' namespace whose files are CA certificates to trust. */
  trustedCaConfigMap?: string;
  temporalNamespace: string;
  /** Temporal's UI, as people reach it; for the link in the status. */
  temporalUiUrl?: string;
}

/** What `createActivities` takes. */
export interface ActivityOptions {
  view: ClusterView;
  kubernetes: KubernetesApi;
  agents: NodeAgents;
  settings: ActivitySettings;
  /** Tells a claim's workflow to look again. */
  look(claim: DynamicVolumeClaim, reason: LookReason): void;
}

/** What each activity gets. */
export interface Dependencies extends ActivityOptions {
  /** One at a time for each sharing key, within this process. */
  mountPodLock: KeyedLock;
  eventCounts: EventCounts;
  /** Figures that were last told of, by UID of the mount pod. */
  toldThrottling: Map<string, MountPodThrottling>;
}

/** The parts that the activities of one process share. */
export function buildDependencies(options: ActivityOptions): Dependencies {
  return {
    ...options,
    mountPodLock: new KeyedLock(),
    eventCounts: new Map(),
    toldThrottling: new Map(),
  };
}

/** The part of an activity's context that long ones need. */
export interface Attempt {
  /** Aborted by the cancellation of the attempt; its reason is what is to be thrown then. */
  signal: AbortSignal;
  heartbeat(): void;
  /** An attempt before this one was lost; what it did is not known. */
  isRepeated: boolean;
  /** Notes a failure that does not fail the attempt. */
  warn(message: string, fields: Record<string, unknown>): void;
}
