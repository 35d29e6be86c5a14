// Which control groups stand for the pods' containers? (as the kubelet's cgroupfs driver names them)
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseHierarchies } from '../../deploy/stack/control-groups.ts';
import { until } from './processes.ts';

/** Version 1 has a hierarchy for each controller, of which any will do; `pids` needs no set-up. */
function findHierarchy(): string {
  const folders = parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
  const pids = folders.find(({ folder }) => folder.endsWith('/pids'));
  const found = pids ?? folders.find(({ version }) => version === 2);
  if (found === undefined) throw new Error('no control groups are mounted');
  return found.folder;
}

/** Ends what a test has left running in a group. Never pid 0, which would be our own process group. */
function killMembers(folder: string): void {
  const members = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').map(Number);
  for (const pid of members.filter((member) => member > 0)) process.kill(pid, 'SIGKILL');
}

function tryRemove(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !tryRemove(join(folder, entry.name))) return false;
    killMembers(folder);
    rmdirSync(folder);
    return true;
  } catch {
    return false; // a process that was killed has not ended yet
  }
}

/** The lab's own group. */
export class ControlGroup implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static make(): ControlGroup {
    const folder = join(findHierarchy(), `dynvol-lab-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    return new ControlGroup(folder);
  }

  /** Makes a container's group; its folder. */
  makeContainer(podUid: string, containerId: string): string {
    const folder = join(this.#folder, 'kubepods', `pod${podUid}`, containerId);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await until('the control groups are empty', () => tryRemove(this.#folder));
  }
}
