// Which processes run on this node, in which pods, and what do they have open? (proc(5); needs the host's PIDs)
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type MountRow, parseMountinfo } from './mountinfo.ts';
import { type ContainerRef, isUninterruptible, parseContainer } from './process-texts.ts';

/** A process, and the container that it runs in if it is one of a pod. */
export interface NodeProcess {
  pid: number;
  container: ContainerRef | undefined;
}

/**
 * Processes end while we look at them, kernel threads show nothing, and a process may stand in a folder whose path is
 * longer than the kernel tells (ENAMETOOLONG). Whatever it does not show must never keep us from the other processes.
 */
function unlessHidden<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return undefined;
    throw error;
  }
}

/** Reads a text of a process, such as `comm`; undefined if the kernel does not show it. */
export function readProcessText(pid: number, name: string): string | undefined {
  return unlessHidden(() => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
}

/** Reads a link of a process, such as `cwd`. The kernel only composes a path: no server of any mount is asked. */
export function readProcessLink(pid: number, name: string): string | undefined {
  return unlessHidden(() => readlinkSync(`/proc/${pid}/${name}`));
}

/** Lists a directory of a process, such as `fd`. */
export function listProcessEntries(pid: number, name: string): string[] {
  return unlessHidden(() => readdirSync(`/proc/${pid}/${name}`)) ?? [];
}

/** The mount table as a process sees it; empty if it is gone. */
export function observeMountsOf(pid: number): MountRow[] {
  return parseMountinfo(readProcessText(pid, 'mountinfo') ?? '');
}

/** Reads all processes of the node: one short kernel file each. */
export function observeProcesses(): NodeProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    const cgroup = readProcessText(pid, 'cgroup');
    return cgroup === undefined ? [] : { pid, container: parseContainer(cgroup) };
  });
}

/** Does any thread of a process wait for a FUSE daemon's answer? (proc(5), "wchan"; fs/fuse/dev.c) */
export function isWaitingForFuse(pid: number): boolean {
  return listProcessEntries(pid, 'task').some(
    (task) => readProcessText(pid, `task/${task}/wchan`) === 'request_wait_answer',
  );
}

/** Does any thread of a process wait uninterruptibly, maybe for a lock that another holds in a hung mount? */
export function isStuck(pid: number): boolean {
  return listProcessEntries(pid, 'task').some((task) =>
    isUninterruptible(readProcessText(pid, `task/${task}/stat`) ?? ''),
  );
}
