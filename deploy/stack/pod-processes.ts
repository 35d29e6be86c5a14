// Which processes belong to a pod? (for whoever shares the PID namespace of the stack)
import { readdir, readFile } from 'node:fs/promises';

export interface PodProcess {
  pid: number;
  command: string;
  argv: string;
  environment: string;
}

/** All processes in containers of a pod, or of every pod when no UID is given; the pause process left out. */
export async function listPodProcesses(podUid?: string): Promise<PodProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const seen = await Promise.all(pids.map((pid) => readPodProcess(Number(pid), podUid)));
  return seen.filter((found) => found !== undefined).filter(({ command }) => command !== 'pause');
}

/** First process of a pod's container. */
export async function workloadPid(podUid: string): Promise<number> {
  const [first] = (await listPodProcesses(podUid)).toSorted((a, b) => a.pid - b.pid);
  if (!first) throw new Error(`No process of pod ${podUid} was found`);
  return first.pid;
}

async function readPodProcess(pid: number, podUid?: string): Promise<PodProcess | undefined> {
  try {
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    if (!groups.includes(podUid ? `pod${podUid}` : 'kubepods')) return undefined;
    const [command, argv, environment] = await Promise.all(
      ['comm', 'cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    );
    return { pid, command: command!.trim(), argv: argv!, environment: environment! };
  } catch {
    return undefined; // ended while we looked
  }
}
