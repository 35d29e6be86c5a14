// What has its CPU limit done to a mount pod?
import type { MountPodThrottling } from '../api/node-agent.ts';
import { findCpuGroup, parseThrottling } from './cpu-stat.ts';
import { observeMountPodPid } from './mount-pod.ts';
import { readProcessText } from './processes.ts';

/**
 * Reads the counters of a mount pod's container since its start: its own control group, as the container sees it, found
 * through the process that listens on its socket. Needs the host's PIDs.
 *
 * @returns undefined without a CPU limit, or when the mount pod does not run
 */
export function observeThrottling(mountPodUid: string): MountPodThrottling | undefined {
  const pid = observeMountPodPid(mountPodUid);
  if (pid === undefined) return undefined;
  const folder = findCpuGroup(readProcessText(pid, 'mountinfo') ?? '');
  if (folder === undefined) return undefined;
  const counters = parseThrottling(readProcessText(pid, `root${folder}/cpu.stat`) ?? '');
  return counters && { mountPodUid, ...counters };
}
