// Which processes run on this machine, of which pod is each, and does one hang? (reads /proc only)
import { readdir, readFile } from 'node:fs/promises';

export interface Process {
  pid: number;
  parent: number;
  command: string;
  podUid?: string;
  containerId?: string;
}

const IN_POD = /pod([0-9a-f-]{32,36})\/([0-9a-f]{64})/;

export async function listProcesses(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map((pid) => readProcess(Number(pid))))).flat();
}

/** Empty when it has ended meanwhile. */
async function readProcess(pid: number): Promise<Process[]> {
  const [stat, groups] = await Promise.all(
    ['stat', 'cgroup'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  );
  const parsed = parseStat(stat ?? '');
  if (!parsed) return [];
  const [, podUid, containerId] = IN_POD.exec(groups ?? '') ?? [];
  return [{ pid, ...parsed, ...(podUid && containerId ? { podUid, containerId } : {}) }];
}

/** Pure: name, state and parent of proc_pid_stat(5); the name may hold anything. */
export function parseStat(
  text: string,
): { command: string; state: string; parent: number } | undefined {
  const [, command = '', state = '', parent] = /^\d+ \((.*)\) (\S) (\d+) /s.exec(text) ?? [];
  return parent === undefined ? undefined : { command, state, parent: Number(parent) };
}

/** The argument list of a process; empty when it has ended. */
export async function readArguments(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0');
}

export async function readEnvironment(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
}

export async function countDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

/** Threads in uninterruptible sleep. */
export async function listBlockedThreads(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const path = `/proc/${pid}/task/${thread}/stat`;
      const text = await readFile(path, 'utf8').catch(() => '');
      return { thread: Number(thread), state: parseStat(text)?.state };
    }),
  );
  return states.filter(({ state }) => state === 'D').map(({ thread }) => thread);
}
