// Which sources are mounted on this node, and which of them does nobody use any more?
import { STAGE_DIR, XVOLS_DIR } from '../api/paths.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import { FUSE_TYPE } from './fuse.ts';
import { findLayers, type MountRow } from './mountinfo.ts';

/** Where a source is parked: a mount of its own there keeps it alive without any pod. */
export function buildStagePath(sourceKey: string): string {
  return `${STAGE_DIR}/${sourceKey}`;
}

/** The parked mount of a source, or undefined. */
export function findStaged(mounts: MountRow[], sourceKey: string): MountRow | undefined {
  return findLayers(mounts, buildStagePath(sourceKey)).at(-1);
}

/** Is this row a clone of a source in some pod's volume root? Copies at target paths are the same clone again. */
function isClone(row: MountRow): boolean {
  return row.type === FUSE_TYPE && row.mountpoint.startsWith(`${XVOLS_DIR}/`);
}

/** Source keys that some pod on this node still shows. */
export function findUsedSources(mounts: MountRow[]): Set<string> {
  return new Set(mounts.filter(isClone).map((row) => row.source));
}

/** Does another pod, or another mountpoint of this one, show the same file system as this clone? */
export function isShownElsewhere(mounts: MountRow[], clone: MountRow): boolean {
  return mounts.some(
    (row) => isClone(row) && row.device === clone.device && row.mountpoint !== clone.mountpoint,
  );
}

/** Source keys that are parked, used or not. */
export function findStagedSources(mounts: MountRow[]): Set<string> {
  const parked = mounts.filter((row) => row.mountpoint.startsWith(`${STAGE_DIR}/`));
  return new Set(parked.map((row) => row.mountpoint.slice(STAGE_DIR.length + 1)));
}

/** Does any parked source belong to this sharing key? */
export function isSharingKeyStaged(mounts: MountRow[], sharingKey: string): boolean {
  return [...findStagedSources(mounts)].some((key) => parseSharingKey(key) === sharingKey);
}
