// What have mounts done, in words of claims and pods?

/** What a mount has done, as its storage client and the kernel tell; counters start with the client. */
export interface MountStatistics {
  namespace: string;
  claim: string;
  pod: string;
  node: string;
  mountpoint: string;
  mountPod: string;
  /** Bytes that the mount pod has moved from and to the storage, of all of its mounts. */
  transferredBytes: number;
  /** Requests that failed, of all of its mounts. */
  errors: number;
  /** Of this mount: files being read or written, bytes in the write cache, uploads that wait. */
  openFiles: number;
  cachedBytes: number;
  pendingUploads: number;
  /** Share of the scheduler's periods in which the CPU limit has slowed the mount pod, 0 to 1; absent without a limit. */
  throttledShare?: number;
  /** When it was asked, RFC 3339: two answers give rates. */
  at: string;
}

/** `GET /api/mounts?namespace=` */
export interface MountsAnswer {
  mounts: MountStatistics[];
  /** Nodes whose agent did not answer. */
  unreachableNodes: string[];
}
