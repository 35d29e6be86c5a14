// What is mounted on this node, in words of the agent API? (pure: the mount table in, rows out)
import type { ListResponse, MountedTarget } from '../api/node-agent.ts';
import { parseHostVolumeDir } from '../api/paths.ts';
import { FUSE_TYPE } from './fuse.ts';
import { findLayers, type MountRow } from './mountinfo.ts';
import { findStagedSources } from './stage.ts';

function listBelow(mounts: MountRow[], volumeRoot: string, podUid: string): MountedTarget[] {
  const below = mounts.filter((row) => row.mountpoint.startsWith(`${volumeRoot}/`));
  return [...new Set(below.map((row) => row.mountpoint))].flatMap((path) => {
    const top = findLayers(below, path).at(-1);
    if (top?.type !== FUSE_TYPE) return [];
    const mountpoint = path.slice(volumeRoot.length + 1);
    return { podUid, mountpoint, sourceKey: top.source, readOnly: top.readOnly };
  });
}

/** Lists published pods, their mounts (the top layer of each mountpoint) and the parked sources. */
export function listMounts(mounts: MountRow[]): Omit<ListResponse, 'throttling'> {
  const published = new Map<string, string>();
  for (const { mountpoint } of mounts) {
    const podUid = parseHostVolumeDir(mountpoint)?.podUid;
    if (podUid !== undefined) published.set(mountpoint, podUid);
  }
  return {
    mounts: [...published].flatMap(([volumeRoot, podUid]) => listBelow(mounts, volumeRoot, podUid)),
    stagedSourceKeys: [...findStagedSources(mounts)],
    publishedPodUids: [...new Set(published.values())],
  };
}
