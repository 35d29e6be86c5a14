// Who holds a mount in a pod, so that it cannot be taken away? (found without touching what is mounted)
import type { ProcessRef } from '../api/node-agent.ts';
import type { MountRow } from './mountinfo.ts';
import { buildReadable, parseMappedFiles, parseMountId } from './process-texts.ts';
import {
  isStuck,
  isWaitingForFuse,
  listProcessEntries,
  type NodeProcess,
  observeMountsOf,
  observeProcesses,
  readProcessLink,
  readProcessText,
} from './processes.ts';

const MAX_HOLDERS = 10;
/** Of one process. Whoever opens a million files must not keep the agent from its work. */
const MAX_OPEN_FILES = 4_096;
/** For all processes together: this blocks the agent. */
const SEARCH_MS = 1_000;

/** A mount as the processes of one mount namespace see it. */
interface VisibleMount {
  ids: Set<number>;
  mountpoints: string[];
  device: string;
}

/** Copies of a mount are its peers (host) or receive from its peer group (containers). */
function isCopy(row: MountRow, mount: MountRow): boolean {
  if (row.device !== mount.device) return false;
  return row.peerGroup === mount.peerGroup || row.master === mount.peerGroup;
}

function isWithin(path: string | undefined, mount: VisibleMount): path is string {
  if (path === undefined) return false;
  return mount.mountpoints.some((place) => path === place || path.startsWith(`${place}/`));
}

function findOpenFile(pid: number, mount: VisibleMount): string | undefined {
  const fd = listProcessEntries(pid, 'fd')
    .slice(0, MAX_OPEN_FILES)
    .find((name) => {
      const id = parseMountId(readProcessText(pid, `fdinfo/${name}`) ?? '');
      return id !== undefined && mount.ids.has(id);
    });
  return fd === undefined ? undefined : readProcessLink(pid, `fd/${fd}`);
}

function findDirectory(pid: number, mount: VisibleMount): string | undefined {
  const links = ['cwd', 'root'].map((name) => readProcessLink(pid, name));
  return links.find((path) => isWithin(path, mount));
}

/**
 * The kernel takes the address space's lock to write `maps`, and a thread that is stuck in a hung mount may hold it:
 * of such a process only the mountpoint is told, or the agent would be stuck with it.
 */
function findOtherUse(pid: number, mount: VisibleMount): string | undefined {
  if (isWaitingForFuse(pid)) return mount.mountpoints[0];
  if (isStuck(pid)) return undefined;
  const maps = readProcessText(pid, 'maps') ?? '';
  return parseMappedFiles(maps, mount.device).find((path) => isWithin(path, mount));
}

/** Mounts by namespace, because most processes share a few. */
class VisibleMounts {
  readonly #mount: MountRow;
  readonly #byNamespace = new Map<string, VisibleMount>();

  constructor(mount: MountRow) {
    this.#mount = mount;
  }

  find(pid: number): VisibleMount | undefined {
    const namespace = readProcessLink(pid, 'ns/mnt');
    if (namespace === undefined) return undefined;
    const visible = this.#byNamespace.get(namespace) ?? this.#observe(pid);
    this.#byNamespace.set(namespace, visible);
    return visible.ids.size === 0 ? undefined : visible;
  }

  #observe(pid: number): VisibleMount {
    const rows = observeMountsOf(pid).filter((row) => isCopy(row, this.#mount));
    return {
      ids: new Set(rows.map((row) => row.id)),
      mountpoints: rows.map((row) => row.mountpoint),
      device: this.#mount.device,
    };
  }
}

function observeHolder(process: NodeProcess, mounts: VisibleMounts): ProcessRef | undefined {
  const { pid, container } = process;
  const mount = mounts.find(pid);
  if (mount === undefined) return undefined;
  const path = findOpenFile(pid, mount) ?? findDirectory(pid, mount) ?? findOtherUse(pid, mount);
  if (path === undefined) return undefined;
  const command = buildReadable((readProcessText(pid, 'comm') ?? '').trim());
  const { podUid, containerId } = container ?? { podUid: '', containerId: '' };
  return { podUid, containerId, pid, command, path: buildReadable(path) };
}

function findHolders(
  processes: NodeProcess[],
  mounts: VisibleMounts,
  deadline: number,
): ProcessRef[] {
  const holders: ProcessRef[] = [];
  for (const process of processes) {
    if (holders.length === MAX_HOLDERS || performance.now() > deadline) break;
    const holder = observeHolder(process, mounts);
    if (holder !== undefined) holders.push(holder);
  }
  return holders;
}

/**
 * Finds the processes that hold a mount by an open file, a working or root directory, a mapped file, or a call that its
 * daemon has not answered: those of the pod, or if there are none, whoever else on the node. At most 10, one file each,
 * and what is found within a second.
 */
export function observeHolders(mount: MountRow, podUid: string): ProcessRef[] {
  const processes = observeProcesses();
  const mounts = new VisibleMounts(mount);
  const isOfPod = (process: NodeProcess) => process.container?.podUid === podUid;
  const deadline = performance.now() + SEARCH_MS;
  const find = (some: NodeProcess[]) => findHolders(some, mounts, deadline);
  const ofPod = find(processes.filter(isOfPod));
  return ofPod.length > 0 ? ofPod : find(processes.filter((process) => !isOfPod(process)));
}

/** One sentence: where, by whom, and how many more. */
export function describeHolders(mountpoint: string, holders: ProcessRef[]): string {
  const [first, ...more] = holders;
  if (first === undefined) return `Mountpoint ${mountpoint} is in use, by whom could not be seen`;
  const rest = more.length === 0 ? '' : `, and ${more.length} more`;
  const { pid, command, path } = first;
  return `Mountpoint ${mountpoint} is in use: process ${pid} (${command}) holds ${path}${rest}`;
}
