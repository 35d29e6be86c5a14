// What does `doctor` look at? (what the API server tells, with the fields that are read)
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import type { StorageProviderClass } from '../../api/storage-provider-class.ts';
import type { PodView } from '../../watch/cluster-view.ts';

/**
 * What was asked for, or why nobody knows:
 * - `needs`: the right that whoever asks lacks, such as `list nodes`
 * - `failed`: what went wrong
 */
export type Seen<T> = { value: T } | { needs: string } | { failed: string };

export interface Crd {
  spec: { versions: { name: string; served: boolean }[] };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

export interface CsiDriver {
  spec: {
    attachRequired?: boolean;
    podInfoOnMount?: boolean;
    fsGroupPolicy?: string;
    volumeLifecycleModes?: string[];
  };
}

export interface Namespace {
  metadata: { labels?: Record<string, string> };
}

export interface Deployment {
  spec?: { replicas?: number };
  status?: { readyReplicas?: number };
}

export interface DaemonSet {
  status?: { desiredNumberScheduled?: number };
}

export interface Node {
  metadata: { name: string; labels?: Record<string, string> };
  status?: {
    conditions?: { type: string; status: string }[];
    nodeInfo?: { kernelVersion: string };
  };
}

export interface CsiNode {
  metadata: { name: string };
  spec: { drivers?: { name: string }[] };
}

export interface WebhookConfiguration {
  webhooks?: { name: string; clientConfig?: { caBundle?: string } }[];
}

/** What is there to inject pods, and to check claims. */
export interface Admission {
  mutating?: WebhookConfiguration;
  validating?: WebhookConfiguration;
  /** Warns of annotations on a pod that exists; there where the mutating webhook is. */
  warning?: WebhookConfiguration;
  /** MutatingAdmissionPolicy instead of the mutating webhook. */
  hasPolicy: boolean;
}

/** The certificate that a webhook pod shows, checked against the CA bundle as the API server does. */
export interface ServedCertificate {
  pod: string;
  /** Why it is not accepted; absent when it is. */
  refusal?: string;
  notAfter: Date;
}

/** Answer of a controller's `/healthz`. */
export interface ControllerHealth {
  pod: string;
  ready: boolean;
  /** Its words. */
  said: string;
}

/** A pod with its annotations; ended and ending ones are left out. */
export interface AnnotatedPod {
  view: PodView;
  annotations: Record<string, string>;
}

/** A mount pod and since when it exists. */
export interface MountPod {
  view: PodView;
  createdAt: Date;
}

/** A class's Secret. */
export interface ClassSecret {
  className: string;
  namespace: string;
  name: string;
  exists: Seen<boolean>;
}

export interface Facts {
  now: Date;
  /** `gitVersion` of the API server. */
  version: string;
  /** By plural name; undefined where there is none. */
  crds: Seen<Record<string, Crd | undefined>>;
  driver: Seen<CsiDriver | undefined>;
  /** By name. */
  namespaces: Seen<Record<string, Namespace | undefined>>;
  controller: Seen<Deployment | undefined>;
  webhook: Seen<Deployment | undefined>;
  agents: Seen<DaemonSet | undefined>;
  agentPods: Seen<PodView[]>;
  nodes: Seen<Node[]>;
  csiNodes: Seen<CsiNode[]>;
  admission: Seen<Admission>;
  served: Seen<ServedCertificate>;
  health: Seen<ControllerHealth[]>;
  /** Addresses behind the Service of the cluster's DNS; undefined when it has no Service of the usual name. */
  dns: Seen<number | undefined>;
  mountPods: Seen<MountPod[]>;
  /** The one namespace that claims and pods were looked for in, where those of all namespaces may not be seen. */
  namespace?: string;
  claims: Seen<DynamicVolumeClaim[]>;
  classes: Seen<StorageProviderClass[]>;
  secrets: ClassSecret[];
  pods: Seen<AnnotatedPod[]>;
}
