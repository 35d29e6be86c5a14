// What have the mounts of all nodes done, in words of claims and pods?
import type { MountsAnswer, MountStatistics } from '../api/mount-statistics.ts';
import type { StatisticsResponse } from '../api/node-agent.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import { MOUNT_POD_LABELS } from '../api/names.ts';
import { isOlder } from '../watch/claim-match.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import type { NodeAgents } from './node-agents.ts';
import { listOwners } from './mount-owner.ts';
import { listAllMountPods } from './node-tables.ts';

/** Milliseconds for all agents together; each gives its storage clients 2 s. */
const DEADLINE_MS = 3_000;

type View = Pick<ClusterView, 'podsIn' | 'podByUid' | 'claimsIn'>;

export interface MountStatisticsReader {
  /**
   * Asks the agents of the nodes that have mount pods, all at once. Takes 3 s at most. A mount whose storage client does
   * not answer is left out.
   *
   * @param namespaces of the claims; all when absent
   */
  readMounts(namespaces?: ReadonlySet<string>): Promise<MountsAnswer>;
}

/** Reads what mounts have done. Changes nothing. */
export function createMountStatistics(deps: {
  view: View;
  agents: Pick<NodeAgents, 'readStatistics'>;
}): MountStatisticsReader {
  const { view, agents } = deps;
  return {
    async readMounts(namespaces) {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const how = { signal, deadlineMs: DEADLINE_MS };
      const unreachableNodes: string[] = [];
      const ask = async ([node, mountPodUids]: [string, string[]]) => {
        try {
          const answer = await agents.readStatistics(node, { mountPodUids }, how);
          return buildMountStatistics(view, { node, answer, at: new Date().toISOString() });
        } catch {
          unreachableNodes.push(node);
          return [];
        }
      };
      const told = (await Promise.all([...findMountPods(view, namespaces)].map(ask))).flat();
      return {
        mounts: told.filter(({ namespace }) => namespaces?.has(namespace) ?? true),
        unreachableNodes: unreachableNodes.sort(),
      };
    },
  };
}

/** UIDs of the mount pods that may serve the namespaces, by node. */
function findMountPods(
  view: View,
  namespaces: ReadonlySet<string> | undefined,
): Map<string, string[]> {
  const uids = new Map<string, string[]>();
  for (const { uid, nodeName, servesNamespace } of listAllMountPods(view)) {
    const isWanted = namespaces?.has(servesNamespace ?? '') ?? true;
    if (nodeName !== undefined && isWanted)
      uids.set(nodeName, [...(uids.get(nodeName) ?? []), uid]);
  }
  return uids;
}

/**
 * Joins what an agent tells with the claims and pods of the caches. (pure) A mount is left out that no claim accounts
 * for, or whose storage client did not answer. A mount pod is believed for sources of its own sharing key only.
 */
export function buildMountStatistics(
  view: Pick<ClusterView, 'podByUid' | 'claimsIn'>,
  told: { node: string; answer: StatisticsResponse; at: string },
): MountStatistics[] {
  const { node, answer, at } = told;
  return answer.mounts.flatMap(({ podUid, mountpoint, sourceKey }) => {
    const [claim] = listOwners(view, { podUid, mountpoint }).sort((a, b) =>
      isOlder(a, b) ? -1 : 1,
    );
    const pod = view.podByUid(podUid);
    const client = findClient(view, answer, sourceKey);
    if (!claim || !pod || !client) return [];
    const { mountPod, source, totals, throttledShare } = client;
    return [
      {
        namespace: pod.namespace,
        claim: claim.metadata.name,
        pod: pod.name,
        node,
        mountpoint,
        mountPod: mountPod.name,
        transferredBytes: totals.transferredBytes,
        errors: totals.errors,
        openFiles: source.openFiles,
        cachedBytes: source.cachedBytes,
        pendingUploads: source.pendingUploads,
        ...(throttledShare === undefined ? {} : { throttledShare }),
        at,
      },
    ];
  });
}

/** The mount pod that serves a source, with all that is told of it. */
function findClient(
  view: Pick<ClusterView, 'podByUid'>,
  { sources, mountPods, throttling }: StatisticsResponse,
  sourceKey: string,
) {
  for (const source of sources.filter((one) => one.sourceKey === sourceKey)) {
    const { mountPodUid } = source;
    const mountPod = view.podByUid(mountPodUid);
    const totals = mountPods.find((one) => one.mountPodUid === mountPodUid);
    if (!mountPod || !totals || !isKeyOf(mountPod, sourceKey)) continue;
    const limited = throttling.find((one) => one.mountPodUid === mountPodUid);
    const throttledShare = limited && limited.throttledPeriods / limited.periods;
    return { mountPod, source, totals, throttledShare };
  }
  return undefined;
}

function isKeyOf(mountPod: PodView, sourceKey: string): boolean {
  return mountPod.labels[MOUNT_POD_LABELS.sharingKey] === parseSharingKey(sourceKey);
}
