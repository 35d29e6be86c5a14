// Which sources has this agent mounted, and which mount pods serve them? (memory only: nothing is decided by its lack)
import type { S3Storage } from '../api/node-agent.ts';
import type { WriteMode } from '../api/storage-provider-class.ts';

/** What is to be mounted, and which mount pod shall serve it. */
export interface SourceRequest {
  sourceKey: string;
  mountPodUid: string;
  s3: S3Storage;
  writeMode: WriteMode;
}

/** By source key, from the attach until the release. A restarted agent learns a source again at its next attach. */
export const servedSources = new Map<string, SourceRequest>();
