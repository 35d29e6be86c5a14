// What does one look at everything see?
import type { Row } from './mount-table.ts';
import type { Claim, ClaimEvent, Node, Pod, StorageClass } from './objects.ts';

/** A node's own mounts and folders. */
export interface NodeView {
  name: string;
  rows: Row[];
  /** Folders below /var/lib/dynamic, as they lie beneath all mounts. */
  folders: string[];
  /** Everything there that is not a folder. */
  files: string[];
}

/** A running container that has a volume root, as its first process sees it. */
export interface ContainerView {
  podUid: string;
  name: string;
  /** Where the volume root is in it. */
  rootPath: string;
  rows: Row[];
  /** What was heard of its storage mounts, by mountpoint. */
  answers: Record<string, Answer>;
}

/** `ok`, `gone` (the path vanished meanwhile), `silent` (no answer in time), or what the kernel said. */
export type Answer = string;

/** A request that the S3 server has answered. */
export interface S3Request {
  bucket: string;
  key: string;
  address: string;
  operation: string;
  status: number;
}

/** A process that must never hang, or must not grow. */
export interface ProcessView {
  role: 'csi-node' | 'controller' | 'webhook' | 'kubelet';
  node: string;
  pid: number;
  descriptors: number;
  children: number;
  /** Threads in uninterruptible sleep. */
  blocked: number[];
}

/** What earlier looks have shown and later ones must still know. */
export interface Memory {
  /** Buckets that some claim could write to. */
  writableBuckets: ReadonlySet<string>;
  readOnlyBuckets: ReadonlySet<string>;
  mountPodAddresses: ReadonlySet<string>;
  /** Values of the Secrets that classes name. */
  secretValues: ReadonlySet<string>;
}

export interface Snapshot {
  atMs: number;
  claims: Claim[];
  classes: StorageClass[];
  pods: Pod[];
  nodes: Node[];
  events: ClaimEvent[];
  nodeViews: NodeView[];
  containers: ContainerView[];
  /** Ids of the running workflows of claims. */
  workflows: string[];
  /** Since the former snapshot. */
  requests: S3Request[];
  processes: ProcessView[];
  /** Arguments and environment of the processes of the product's pods, by `command (pid)`. */
  processTexts: Record<string, string>;
  memory: Memory;
  /** Every reason that conditions, pods of claims and Events may have. */
  reasons: ReadonlySet<string>;
}

export const EMPTY_MEMORY: Memory = {
  writableBuckets: new Set(),
  readOnlyBuckets: new Set(),
  mountPodAddresses: new Set(),
  secretValues: new Set(),
};
