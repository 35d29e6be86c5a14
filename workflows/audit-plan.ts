// What follows from two looks of the drift audit? (pure)
import type { ClaimIdentity, DriftLook, Orphan } from '../activities/contract.ts';

/** Share of all mounts, and number of mounts, beyond which a removal rather tells of a mistake of ours. */
const MAX_REMOVED_SHARE = 0.1;
const MIN_ALARMING_MOUNTS = 5;

/** What one audit hands to the next. */
export interface AuditMemory {
  /** Orphans of this look: gone with the next one, if it sees them too. */
  suspects: Orphan[];
}

export type AuditPlan =
  | { kind: 'alarm'; message: string }
  | { kind: 'repair'; remove: Orphan[]; recheck: ClaimIdentity[] };

/**
 * Plans what to mend. An orphan goes when the last look saw it as well: one look may fall between two steps
 * of a claim's workflow. If too many mounts should go at once nothing is done at all.
 */
export function planAudit({
  look,
  former,
}: {
  look: DriftLook;
  former: AuditMemory | undefined;
}): AuditPlan {
  const seen = new Set(former?.suspects.map(identify));
  const remove = look.orphans.filter((orphan) => seen.has(identify(orphan)));
  const mounts = remove.filter((orphan) => orphan.kind === 'mount').length;
  if (mounts >= MIN_ALARMING_MOUNTS && mounts > look.mounts * MAX_REMOVED_SHARE) {
    return { kind: 'alarm', message: describeAlarm(mounts, look, remove) };
  }
  return { kind: 'repair', remove, recheck: look.missing };
}

function identify({ kind, node, sourceKey, podUid, mountpoint, mountPodUid }: Orphan): string {
  return JSON.stringify([kind, node, sourceKey, podUid, mountpoint, mountPodUid]);
}

function describeAlarm(mounts: number, look: DriftLook, remove: Orphan[]): string {
  const nodes = new Set(remove.map((orphan) => orphan.node));
  return `The drift audit removes nothing: no claim accounts for ${mounts} of ${look.mounts} mounts on ${[...nodes].sort().join(', ')}, and more than 10 % at once may be a mistake; restore the claims that are missing, or delete the pods that still have the mounts`;
}
