// Which messages travel between the controller's worker and the node agent? (api/proto/node-agent.proto)
import type { Options } from '@grpc/proto-loader';
import type { ErrorCode } from './errors.ts';
import type { WriteMode } from './storage-provider-class.ts';

/** One set of loader options on both sides, so that the types below are true. */
export const PROTO_OPTIONS: Options = {
  keepCase: false,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
};

export interface ClaimRef {
  uid: string;
  namespace: string;
  name: string;
  generation: number;
}

/** Where an S3 source is and with which keys; never logged, never stored. */
export interface S3Storage {
  bucket: string;
  endpoint: string;
  /** Folder of the bucket, without slashes at its ends; "" is the whole bucket. */
  prefix: string;
  /** "" is us-east-1. */
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary credentials, or "". */
  sessionToken: string;
  /** PEM certificates to trust beside the public ones, or "". */
  caCert: string;
}

export interface AttachTarget {
  podUid: string;
  /** Relative to the volume root, without a leading slash. */
  mountpoint: string;
  readOnly: boolean;
  /** The claim's former source at this mountpoint, or "": the only other source that may be replaced. */
  replacesSourceKey: string;
}

export interface SourceAttachment {
  /** `<sharing key>.<hash of what is mounted and with which credentials>`. */
  sourceKey: string;
  mountPodUid: string;
  s3: S3Storage;
  writeMode: WriteMode;
  targets: AttachTarget[];
}

export interface AttachRequest {
  claim: ClaimRef;
  attachments: SourceAttachment[];
  /** Mount pods that may serve the sources that are replaced: what was written to them is awaited first. */
  replacedMountPods: MountPodRef[];
  /** Claims that exist no more although nobody has taken their mounts away: these are this claim's now. */
  vanishedClaimUids: string[];
}

/** A process that holds a mount, or a container that a mount does not reach (then without `pid`). */
export interface ProcessRef {
  podUid: string;
  containerId: string;
  /** In the node's PID namespace; 0 for a container as a whole. */
  pid: number;
  command: string;
  /** Open file, working directory or mapped file as the process sees it. */
  path: string;
}

/** An empty `code` is success; else a code of the error table. */
export interface TargetResult {
  podUid: string;
  mountpoint: string;
  code: string;
  message: string;
  /** With `IN_USE`: who holds the mount, at most 10. With `PROPAGATION_MISSING`: the containers. */
  processes: ProcessRef[];
  /** With `FLUSHING`: files that wait for their upload. */
  pendingUploads: number;
  /** How a target was taken away; "" for anything else. */
  rung: DetachRung;
  /** With `MOUNTPOINT_OCCUPIED`: the claim that has the mountpoint, if it is one. */
  ownerUid: string;
}

/** Rungs of the detach ladder that took a mount away: a plain unmount, a lazy one, or abort of its FUSE connection and then a lazy one. */
export type DetachRung = '' | 'plain' | 'lazy' | 'abort';

/** What the CPU limit has done to a mount pod since it started (cgroup `cpu.stat`). */
export interface MountPodThrottling {
  mountPodUid: string;
  periods: number;
  throttledPeriods: number;
  throttledMs: number;
}

export interface AttachResponse {
  results: TargetResult[];
  /** Of the mount pods used, those that have a CPU limit. */
  throttling: MountPodThrottling[];
}

export interface DetachTarget {
  podUid: string;
  mountpoint: string;
  /** Only a mount of this source is taken away. */
  sourceKey: string;
  /** Take it away although it is in use: abort and lazy unmount. */
  force: boolean;
}

export interface MountPodRef {
  uid: string;
  sharingKey: string;
  /** Only in a `cached` one acknowledged writes can be missing from the bucket. */
  writeMode: WriteMode;
}

export interface DetachRequest {
  claim: ClaimRef;
  targets: DetachTarget[];
  mountPods: MountPodRef[];
  /** Further sources to release if nothing shows them. */
  sourceKeys: string[];
  /** Do not wait for files that were written and are not in the bucket yet. */
  discardWrites: boolean;
}

export interface DetachResponse {
  results: TargetResult[];
  /** Mount pods that hold no source any more; the agent attaches nothing to them from now on. */
  retiredMountPods: string[];
}

/** Asks what is mounted on the node. */
export interface ListRequest {
  /** Mount pods whose throttling is wanted. */
  mountPodUids: string[];
}

/** A claim's mount in a pod, as the mount table tells it. */
export interface MountedTarget {
  podUid: string;
  mountpoint: string;
  sourceKey: string;
  readOnly: boolean;
}

export interface ListResponse {
  mounts: MountedTarget[];
  /** Sources that are parked, used or not. */
  stagedSourceKeys: string[];
  /** Pods whose volume root is published. */
  publishedPodUids: string[];
  throttling: MountPodThrottling[];
}

/**
 * - `dead`: its storage client is gone and the agent has not brought it back (yet)
 * - `hung`: its storage client does not answer
 * - `recovered`: it serves again, and every pod that shows it has the new mount
 * - `failing`: the mount lives, and its storage fails
 * - `healthy`: its storage answers again; nothing was mounted anew
 */
export type SourceState = 'dead' | 'hung' | 'recovered' | 'failing' | 'healthy';

/** A source has stopped serving well, or serves again. */
export interface SourceReport {
  sourceKey: string;
  state: SourceState;
  /** Of a `failing` one: what its attach answers. Else "". */
  code: ErrorCode | '';
  /** A sentence for a person. */
  message: string;
  /** Where it is shown. */
  targets: MountedTarget[];
}

/** Asks what the mounts have done. */
export interface StatisticsRequest {
  /** Mount pods to ask. An agent that was started anew does not know them by itself. */
  mountPodUids: string[];
}

/** What a source has done, as its storage client tells. */
export interface SourceStatistics {
  sourceKey: string;
  mountPodUid: string;
  /** Files that are being read from the storage, or written to it. */
  openFiles: number;
  /** In the write cache. */
  cachedBytes: number;
  pendingUploads: number;
}

/** What a storage client has done as a whole, since it started. */
export interface MountPodStatistics {
  mountPodUid: string;
  transferredBytes: number;
  errors: number;
}

/** Storage clients that do not answer are left out. */
export interface StatisticsResponse {
  sources: SourceStatistics[];
  mountPods: MountPodStatistics[];
  throttling: MountPodThrottling[];
  mounts: MountedTarget[];
}

/** The sharing key within a source key. */
export function parseSharingKey(sourceKey: string): string {
  return sourceKey.slice(0, sourceKey.indexOf('.'));
}
