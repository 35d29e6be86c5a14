// How does a test find the storage client of a mount pod, and let it run out of memory?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseHierarchies } from '../../deploy/stack/control-groups.ts';
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import { stackPaths } from '../../deploy/stack/stack-paths.ts';
import type { AnyObject } from './kube.ts';
import type { Pod } from './pod.ts';

/** The one mount pod of a workload pod. */
export async function findMountPod(pod: Pod): Promise<AnyObject> {
  const [mountPod, ...more] = await pod.mountPods();
  if (!mountPod || more.length > 0) throw new Error(`${pod.name} has ${more.length} mount pods`);
  return mountPod;
}

/** The process id of rclone in a workload pod's mount pod; undefined while there is none. */
export async function findRclone(pod: Pod): Promise<number | undefined> {
  const { metadata } = await findMountPod(pod);
  const processes = await listPodProcesses(metadata?.uid);
  return processes.find(({ command }) => command === 'rclone')?.pid;
}

/** Sends rclone a signal. */
export async function signalRclone(pod: Pod, signal: NodeJS.Signals): Promise<void> {
  const pid = await findRclone(pod);
  if (pid === undefined) throw new Error(`No rclone runs for ${pod.name}`);
  process.kill(pid, signal);
}

/** Where the memory of a process is counted, with the version of control groups. */
interface MemoryGroup {
  folder: string;
  version: 1 | 2;
}

async function findMemoryGroup(pid: number): Promise<MemoryGroup> {
  const hierarchies = parseHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
  const groups = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n');
  const first = hierarchies.find(({ folder }) => folder.endsWith('/memory'));
  const hierarchy = first ?? hierarchies.find(({ version }) => version === 2);
  const row = groups.find((group) => group.split(':')[1] === (first ? 'memory' : ''));
  const own = row?.indexOf(`/${stackPaths.controlGroup}/`) ?? -1;
  if (!hierarchy || !row || own < 0) throw new Error(`The memory of ${pid} is counted nowhere`);
  return { folder: path.join(hierarchy.folder, row.slice(own)), version: hierarchy.version };
}

/** How many processes of the group the kernel has ended for want of memory. */
async function countOomKills({ folder, version }: MemoryGroup): Promise<number> {
  const file = version === 1 ? 'memory.oom_control' : 'memory.events';
  const text = await readFile(path.join(folder, file), 'utf8');
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Memory that something else takes away in the container of a mount pod. */
export interface Shortage extends AsyncDisposable {
  countKills(): Promise<number>;
}

/**
 * Takes that many bytes of the container's memory until it is disposed of. The kernel ends rclone for it, the largest
 * process with the score of a pod.
 */
export async function startShortage(pod: Pod, bytes: number): Promise<Shortage> {
  const group = await findMemoryGroup((await findRclone(pod)) ?? 0);
  const before = await countOomKills(group);
  const join = 'echo $$ > "$1/cgroup.procs"; exec tail -n 1';
  // It keeps all of a last line that does not end.
  const holder = spawn('sh', ['-c', join, 'sh', group.folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  holder.stdin.on('error', () => undefined); // ended while it was written to
  holder.stdin.write(Buffer.alloc(bytes));
  return {
    countKills: async () => (await countOomKills(group)) - before,
    async [Symbol.asyncDispose]() {
      const ended = once(holder, 'exit');
      if (holder.exitCode === null && holder.signalCode === null) {
        holder.kill('SIGKILL');
        await ended;
      }
    },
  };
}
