// What has its CPU limit done to a mount pod?
import { readFileSync } from 'node:fs';
import type { MountPodThrottling } from '../api/node-agent.ts';
import { findCpuGroup, parseThrottling } from './cpu-stat.ts';
import { observeMountPodPid } from './mount-pod.ts';

/** Files of a process that may end while we look, and that are not there without a limit. */
const GONE = ['ENOENT', 'ESRCH', 'ENOTDIR', 'EACCES'];

function readProcessFile(pid: number, path: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${path}`, 'utf8');
  } catch (error) {
    if (GONE.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * Reads the counters of a mount pod's container since its start: its own control group, as the container sees it, found
 * through the process that listens on its socket. Needs the host's PIDs.
 *
 * @returns undefined without a CPU limit, or when the mount pod does not run
 */
export function observeThrottling(mountPodUid: string): MountPodThrottling | undefined {
  const pid = observeMountPodPid(mountPodUid);
  if (pid === undefined) return undefined;
  const folder = findCpuGroup(readProcessFile(pid, 'mountinfo') ?? '');
  if (folder === undefined) return undefined;
  const counters = parseThrottling(readProcessFile(pid, `root${folder}/cpu.stat`) ?? '');
  return counters && { mountPodUid, ...counters };
}
