// What is mounted on this node, in words of the agent API? (pure: the mount table in, rows out)
import type { ListResponse, MountedTarget } from '../api/node-agent.ts';
import { parseHostVolumeDir, XVOLS_DIR } from '../api/paths.ts';
import { FUSE_TYPE } from './fuse.ts';
import { findLayers, type MountRow } from './mountinfo.ts';
import { findStagedSources } from './stage.ts';

/** Segments of a host volume dir: those of the folder, then class, volume and pod. */
const LEVELS = XVOLS_DIR.split('/').length + 3;

/** A claim's mount in a pod, and the file system that it shows. */
export interface ShownMount {
  target: MountedTarget;
  device: string;
  /** At the host volume dir. */
  path: string;
}

function findPublished(mounts: MountRow[]): Map<string, string> {
  const published = new Map<string, string>();
  for (const { mountpoint } of mounts) {
    const podUid = parseHostVolumeDir(mountpoint)?.podUid;
    if (podUid !== undefined) published.set(mountpoint, podUid);
  }
  return published;
}

function findAtPlace(published: Map<string, string>, path: string, rows: MountRow[]): ShownMount[] {
  const segments = path.split('/');
  const podUid = published.get(segments.slice(0, LEVELS).join('/'));
  const mountpoint = segments.slice(LEVELS).join('/');
  const top = findLayers(rows, path).at(-1);
  if (podUid === undefined || mountpoint === '' || top?.type !== FUSE_TYPE) return [];
  const target = { podUid, mountpoint, sourceKey: top.source, readOnly: top.readOnly };
  return [{ target, device: top.device, path }];
}

/** What pods show: the top layer of each mountpoint in a published volume root. */
export function findShown(mounts: MountRow[]): ShownMount[] {
  const published = findPublished(mounts);
  const places = Map.groupBy(mounts, ({ mountpoint }) => mountpoint);
  return [...places].flatMap(([path, rows]) => findAtPlace(published, path, rows));
}

/** Lists published pods, their mounts (the top layer of each mountpoint) and the parked sources. */
export function listMounts(mounts: MountRow[]): Omit<ListResponse, 'throttling'> {
  return {
    mounts: findShown(mounts).map(({ target }) => target),
    stagedSourceKeys: [...findStagedSources(mounts)],
    publishedPodUids: [...new Set(findPublished(mounts).values())],
  };
}
