// How fast does each mount pod move data, from two looks at its counters? (pure)
import type { MountStatistics } from '../console/model/views.ts';

/** What the latest look says, and the rate since the one before. */
export interface MountRate extends MountStatistics {
  /** Of all mounts of its mount pod; absent when there was no earlier look at this storage client. */
  bytesPerSecond?: number;
}

/** The fastest first; mounts that are gone since are left out. */
export function buildRates(
  before: readonly MountStatistics[],
  after: readonly MountStatistics[],
): MountRate[] {
  const earlier = new Map(before.map((mount) => [buildKey(mount), mount]));
  return after
    .map((mount) => buildRate(earlier.get(buildKey(mount)), mount))
    .sort(
      (a, b) =>
        (b.bytesPerSecond ?? 0) - (a.bytesPerSecond ?? 0) || (buildKey(a) < buildKey(b) ? -1 : 1),
    );
}

function buildRate(before: MountStatistics | undefined, after: MountStatistics): MountRate {
  const seconds = (Date.parse(after.at) - Date.parse(before?.at ?? '')) / 1_000;
  const bytes = after.transferredBytes - (before?.transferredBytes ?? 0);
  // Counters begin anew with the storage client.
  if (!(seconds > 0) || bytes < 0) return { ...after };
  return { ...after, bytesPerSecond: bytes / seconds };
}

function buildKey({ namespace, claim, pod, mountpoint, mountPod }: MountStatistics): string {
  return JSON.stringify([namespace, claim, pod, mountpoint, mountPod]);
}
