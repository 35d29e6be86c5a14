// What follows from what rclone says of a source's storage? (pure)
import type { SourceState } from '../api/node-agent.ts';

/** A source's claims hear of no second change within this time: what comes and goes faster is waited out. */
export const SETTLE_MS = 10_000;

/** What is known of a source. */
export interface SourceHealth {
  /** Has its last listing or a file's opening failed, or does that take long? */
  isFailing: boolean;
  /** What was told last, unless that was that it serves. */
  told: SourceState | undefined;
  /** Since its state was told or its storage was asked; infinite if it never was. */
  sinceMs: number;
}

/** One step, as an apply function understands it. */
export type StorageStep =
  | { kind: 'nothing' }
  /** Look again then. */
  | { kind: 'wait'; durationMs: number }
  /** Only the storage itself tells whether that was one request, or it fails, and why. */
  | { kind: 'ask' }
  | { kind: 'tellHealthy' };

/** Plans one source. Of a mount that is dead or hangs nothing is told: the storage is asked when it is mounted anew. */
export function planStorageStep({ isFailing, told, sinceMs }: SourceHealth): StorageStep {
  if (told === 'dead' || told === 'hung') return { kind: 'nothing' };
  if (isFailing === (told === 'failing')) return { kind: 'nothing' };
  if (sinceMs < SETTLE_MS) return { kind: 'wait', durationMs: SETTLE_MS - sinceMs };
  return { kind: isFailing ? 'ask' : 'tellHealthy' };
}
