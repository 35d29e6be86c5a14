// What do rclone's `core/stats`, `vfs/list` and `vfs/stats` say? (pure; mount pods are not trusted)
import type { MountPodStatistics, SourceStatistics } from '../api/node-agent.ts';
import { isCount } from './pending-uploads.ts';
import { RemoteControlError } from './remote-control.ts';

/** A file system's name is `<source key>{<hash>}:<bucket>/<prefix>` (mount-pod/rclone/source.go). */
const FILE_SYSTEM = /^([0-9a-f]{8,64}\.[0-9a-f]{8,64})\{/;

/** What a source's cache of written files tells. */
export type CacheStatistics = Pick<SourceStatistics, 'cachedBytes' | 'pendingUploads'>;

/** What a storage client tells of itself, and how many files of each source it reads or writes. */
export interface Totals extends Omit<MountPodStatistics, 'mountPodUid'> {
  /** By source key. */
  openFiles: Map<string, number>;
}

function asRecord(answer: unknown): Record<string, unknown> {
  return (answer ?? {}) as Record<string, unknown>;
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function parseSourceKey(fileSystem: unknown): string | undefined {
  return typeof fileSystem === 'string' ? FILE_SYSTEM.exec(fileSystem)?.[1] : undefined;
}

function check(command: string, values: Record<string, unknown>): Record<string, number> {
  if (Object.values(values).every(isCount)) return values as Record<string, number>;
  throw new RemoteControlError(`${command} did not answer with counts`);
}

/**
 * Parses the answer to `core/stats`.
 *
 * @throws RemoteControlError it holds no counts
 */
export function parseTotals(answer: unknown): Totals {
  const { bytes, errors, transferring } = asRecord(answer);
  const counts = check('core/stats', { bytes, errors });
  const openFiles = new Map<string, number>();
  for (const file of asList(transferring)) {
    const { srcFs, dstFs } = asRecord(file);
    const sourceKey = parseSourceKey(srcFs) ?? parseSourceKey(dstFs);
    if (sourceKey !== undefined) openFiles.set(sourceKey, (openFiles.get(sourceKey) ?? 0) + 1);
  }
  return { transferredBytes: counts.bytes ?? 0, errors: counts.errors ?? 0, openFiles };
}

/** Parses the answer to `vfs/list`: names of file systems by source key. */
export function parseFileSystems(answer: unknown): Map<string, string> {
  return new Map(
    asList(asRecord(answer).vfses).flatMap((name) => {
      const sourceKey = parseSourceKey(name);
      return sourceKey === undefined ? [] : [[sourceKey, String(name)] as const];
    }),
  );
}

/**
 * Parses the answer to `vfs/stats` of a file system with a cache.
 *
 * @throws RemoteControlError it holds no counts
 */
export function parseCache(answer: unknown): CacheStatistics {
  const { bytesUsed, uploadsInProgress, uploadsQueued } = asRecord(asRecord(answer).diskCache);
  const counts = check('vfs/stats', { bytesUsed, uploadsInProgress, uploadsQueued });
  return {
    cachedBytes: counts.bytesUsed ?? 0,
    pendingUploads: (counts.uploadsInProgress ?? 0) + (counts.uploadsQueued ?? 0),
  };
}
