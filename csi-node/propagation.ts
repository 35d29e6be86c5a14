// Does a mount reach the containers of its pod?
import type { ProcessRef, TargetResult } from '../api/node-agent.ts';
import { findVolumeRoot } from './attach-plan.ts';
import { findLayers, type MountRow, observeMounts } from './mountinfo.ts';
import {
  type NodeProcess,
  observeMountsOf,
  observeProcesses,
  readProcessLink,
} from './processes.ts';
import { buildFailure, type Place, ProcessError } from './target-result.ts';

/** A mount that was attached: its file system, and where it lies below the volume root. */
export interface AttachedMount {
  volumeRoot: MountRow;
  device: string;
  mountpoint: string;
}

/** What a container's mount table tells: it has no volume root, shows the mount below it, or does not. */
export type Reach = 'noVolumeRoot' | 'reached' | 'missed';

/**
 * Decides from a container's mount table. The volume root is known by its directory on the host, the mount by its
 * file system; both are the same wherever they are mounted.
 */
export function decideReach(table: MountRow[], mount: AttachedMount): Reach {
  const { volumeRoot } = mount;
  const roots = table.filter(
    ({ device, root }) => device === volumeRoot.device && root === volumeRoot.root,
  );
  if (roots.length === 0) return 'noVolumeRoot';
  const isShownBelow = (root: MountRow) =>
    table.some(
      ({ device, mountpoint }) =>
        device === mount.device && mountpoint === `${root.mountpoint}/${mount.mountpoint}`,
    );
  return roots.every(isShownBelow) ? 'reached' : 'missed';
}

/** The processes of each container of a pod, by the container's id. */
function findContainers(processes: NodeProcess[], podUid: string): Map<string, NodeProcess[]> {
  const ofPod = processes.filter(({ container }) => container?.podUid === podUid);
  return Map.groupBy(ofPod, ({ container }) => container?.containerId ?? '');
}

/**
 * Does a container not see the mount? Nearly always its processes share one mount table; one that has made a table of
 * its own, such as a sandbox within the container, misses what came later, and tells nothing of the container.
 */
function isMissed(processes: NodeProcess[], mount: AttachedMount): boolean {
  const looked = new Set<string | undefined>();
  let found: Reach = 'noVolumeRoot';
  for (const { pid } of processes) {
    const namespace = readProcessLink(pid, 'ns/mnt');
    if (looked.has(namespace)) continue;
    looked.add(namespace);
    const reach = decideReach(observeMountsOf(pid), mount);
    if (reach === 'reached') return false;
    if (reach === 'missed') found = reach;
  }
  return found === 'missed';
}

function observeMissed(
  processes: NodeProcess[],
  podUid: string,
  mount: AttachedMount,
): ProcessRef[] {
  return [...findContainers(processes, podUid)]
    .filter(([, members]) => isMissed(members, mount))
    .map(([containerId]) => ({ podUid, containerId, pid: 0, command: '', path: '' }));
}

const SHORT_ID = 12;

/** One sentence: which containers, and what mends it. */
function describeMissed(mountpoint: string, missed: ProcessRef[]): string {
  const ids = missed.map(({ containerId }) => containerId.slice(0, SHORT_ID)).join(', ');
  const what = missed.length === 1 ? `Container ${ids} does` : `Containers ${ids} do`;
  return (
    `${what} not see mountpoint ${mountpoint}: give the volumeMount of the volume root ` +
    'mountPropagation HostToContainer and start the pod again'
  );
}

function findAttached(
  mounts: MountRow[],
  { podUid, mountpoint }: Place,
): AttachedMount | undefined {
  const volumeRoot = findVolumeRoot(mounts, podUid);
  if (volumeRoot === undefined) return undefined;
  const top = findLayers(mounts, `${volumeRoot.mountpoint}/${mountpoint}`).at(-1);
  return top === undefined ? undefined : { volumeRoot, device: top.device, mountpoint };
}

/**
 * Turns a success into `PROPAGATION_MISSING` where containers of the pod do not see the mount; it stays, for those that
 * do. One look at the node's processes for all results: about 7 microseconds for each process.
 */
export function markMissed(results: TargetResult[]): TargetResult[] {
  if (results.every(({ code }) => code !== '')) return results;
  const mounts = observeMounts();
  const processes = observeProcesses();
  return results.map((result) => {
    const mount = result.code === '' ? findAttached(mounts, result) : undefined;
    if (mount === undefined) return result;
    const missed = observeMissed(processes, result.podUid, mount);
    if (missed.length === 0) return result;
    const message = describeMissed(mount.mountpoint, missed);
    return buildFailure(result, new ProcessError('PROPAGATION_MISSING', message, missed));
  });
}
