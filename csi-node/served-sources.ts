// Which sources has this agent mounted, and which mount pods serve them?
import type { S3Storage } from '../api/node-agent.ts';
import type { WriteMode } from '../api/storage-provider-class.ts';

/** What is to be mounted, and which mount pod shall serve it. */
export interface SourceRequest {
  sourceKey: string;
  mountPodUid: string;
  s3: S3Storage;
  writeMode: WriteMode;
}

/**
 * By source key, from the attach until the release. Memory only, because it holds keys: nothing is decided by its lack,
 * and a restarted agent learns a source again at its next attach.
 */
export type ServedSources = Map<string, SourceRequest>;
