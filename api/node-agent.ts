// Which messages travel between the controller's worker and the node agent? (api/proto/node-agent.proto)
import type { Options } from '@grpc/proto-loader';

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
  accessKeyId: string;
  secretAccessKey: string;
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
  /** `<sharing key>.<hash of bucket and prefix>`. */
  sourceKey: string;
  mountPodUid: string;
  s3: S3Storage;
  targets: AttachTarget[];
}

export interface AttachRequest {
  claim: ClaimRef;
  attachments: SourceAttachment[];
}

/** An empty `code` is success; else a code of the error table. */
export interface TargetResult {
  podUid: string;
  mountpoint: string;
  code: string;
  message: string;
}

export interface AttachResponse {
  results: TargetResult[];
}

export interface DetachTarget {
  podUid: string;
  mountpoint: string;
  /** Only a mount of this source is taken away. */
  sourceKey: string;
}

export interface MountPodRef {
  uid: string;
  sharingKey: string;
}

export interface DetachRequest {
  claim: ClaimRef;
  targets: DetachTarget[];
  mountPods: MountPodRef[];
}

export interface DetachResponse {
  results: TargetResult[];
  /** Mount pods that hold no source any more; the agent attaches nothing to them from now on. */
  retiredMountPods: string[];
}

/** The sharing key within a source key. */
export function parseSharingKey(sourceKey: string): string {
  return sourceKey.slice(0, sourceKey.indexOf('.'));
}
