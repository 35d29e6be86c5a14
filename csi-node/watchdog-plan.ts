// Which mounts are asked whether they answer, and which have hung for too long? (pure)
import { STAGE_DIR } from '../api/paths.ts';
import { findShown } from './list-mounts.ts';
import type { MountRow } from './mountinfo.ts';

/** One file system that some pod shows, and a place where it can be asked. */
export interface Question {
  device: string;
  sourceKey: string;
  path: string;
  /** Another one is parked by now if not; pods still show this one. */
  isParked: boolean;
}

/** A file system that does not answer. */
export interface HungMount {
  sourceKey: string;
  /** Of the first question without an answer, as `performance.now()` tells. */
  sinceMs: number;
}

/**
 * One question for each file system: at its parked mount, which nobody wants to unmount plainly, and at a pod's place
 * only when another one is parked by now.
 */
export function planQuestions(mounts: MountRow[]): Question[] {
  const parked = new Map<string, string>();
  for (const { mountpoint, device } of mounts)
    if (mountpoint.startsWith(`${STAGE_DIR}/`)) parked.set(device, mountpoint);
  const questions = new Map<string, Question>();
  for (const { device, path, target } of findShown(mounts)) {
    const { sourceKey } = target;
    const place = parked.get(device);
    questions.set(device, {
      device,
      sourceKey,
      path: place ?? path,
      isParked: place !== undefined,
    });
  }
  return [...questions.values()];
}

/** Sources of which a file system has hung for the time-out. */
export function findOverdue(hung: HungMount[], nowMs: number, timeoutMs: number): Set<string> {
  const overdue = hung.filter(({ sinceMs }) => nowMs - sinceMs >= timeoutMs);
  return new Set(overdue.map(({ sourceKey }) => sourceKey));
}
