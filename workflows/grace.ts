// When is storage that is in use taken away by force? (pure)
import { readPresentGrace } from './commands.ts';
import type { Steering } from './commands.ts';
import type { MountRecord } from './state.ts';

/**
 * May this source of a pod be taken away by force? One that a swap has replaced may not, for as long as its
 * successor serves: whoever has a file of it open keeps it until that is closed.
 *
 * @param nowMs milliseconds since 1970
 */
export function mayForce(
  record: MountRecord,
  sourceKey: string,
  steering: Steering,
  nowMs: number,
): boolean {
  if (isReplaced(record, sourceKey)) return false;
  const { force, seconds } = readPresentGrace(steering);
  if (force || seconds === 0) return true;
  const forceAtMs = readForceTimeMs(record, steering);
  return forceAtMs !== undefined && nowMs >= forceAtMs;
}

/** Milliseconds since 1970 at which the grace of a pod ends; undefined while nothing there was found in use. */
export function readForceTimeMs(record: MountRecord, steering: Steering): number | undefined {
  if (record.inUseSinceMs === undefined) return undefined;
  return record.inUseSinceMs + readPresentGrace(steering).seconds * 1_000;
}

/** Milliseconds until the first grace ends that has not ended yet; Infinity when there is none. */
export function findGraceRestMs(
  mounts: Record<string, MountRecord>,
  steering: Steering,
  nowMs: number,
): number {
  const rests = Object.values(mounts)
    .map((record) => (readForceTimeMs(record, steering) ?? 0) - nowMs)
    .filter((restMs) => restMs > 0);
  return Math.min(Infinity, ...rests);
}

/** Is it a source whose successor serves? */
export function isReplaced({ served }: MountRecord, sourceKey: string): boolean {
  return served !== undefined && served.sourceKey !== sourceKey;
}
