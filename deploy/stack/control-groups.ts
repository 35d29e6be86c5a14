// Which control groups does the stack own, on version 1 and on version 2?
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { nodes, type StackNode } from './nodes.ts';
import { stackPaths } from './stack-paths.ts';

/** One mounted hierarchy: version 1 has one for each controller, version 2 a single one. */
export type Hierarchy = { folder: string; version: 1 | 2 };

/** Processes of the stack that are not in a pod. */
const daemons = 'daemons';

/** Finds the hierarchies in the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  const found = mountinfo.split('\n').flatMap((line): Hierarchy[] => {
    const [before, after] = line.split(' - ');
    const folder = before?.split(' ')[4];
    const type = after?.split(' ')[0];
    if (folder === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ folder, version: type === 'cgroup' ? 1 : 2 }];
  });
  return found.filter(({ folder }, index) => found.findIndex((h) => h.folder === folder) === index);
}

/** The version that the kubelet and runc will use: 1 as soon as one controller is mounted that way. */
export function decideVersion(hierarchies: readonly Hierarchy[]): 1 | 2 {
  return hierarchies.some(({ version }) => version === 1) ? 1 : 2;
}

/** Makes the stack's own group in every hierarchy, and in it one for each node, its kubelet's `cgroupRoot`. */
export function ensureControlGroups(): void {
  const hierarchies = observeHierarchies();
  const version = decideVersion(hierarchies);
  for (const hierarchy of hierarchies.filter((h) => h.version === version)) {
    const own = ownFolder(hierarchy);
    const groups = [own, ...nodes.map(({ name }) => join(own, name))];
    if (version === 2) enableControllers(hierarchy.folder);
    for (const folder of groups) {
      mkdirSync(folder, { recursive: true });
      if (version === 2) enableControllers(folder);
      else inheritCpuset(folder);
    }
  }
  mkdirSync(daemonsFolder(), { recursive: true });
}

/** Moves a process among the stack's daemons; 0 is the caller itself (also in another PID namespace). */
export function joinControlGroup(pid: number): void {
  writeFileSync(join(daemonsFolder(), 'cgroup.procs'), String(pid));
}

/** Lists the processes in any of the stack's groups, with the numbers of the caller's PID namespace. */
export function observeMembers(): number[] {
  const folders = observeHierarchies().flatMap((hierarchy) => observeTree(ownFolder(hierarchy)));
  const pids = folders.flatMap((folder) =>
    readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
  );
  return [...new Set(pids)];
}

/** Lists the stack's groups that exist, deepest first. */
export function observeControlGroups(): string[] {
  return observeHierarchies().flatMap((hierarchy) => observeTree(ownFolder(hierarchy)));
}

/** Removes the stack's groups; the kernel refuses those that still have a process. */
export function removeControlGroups(): void {
  for (const folder of observeControlGroups()) rmdirSync(folder);
}

/** Removes all that a kubelet has made in its node's group; the kernel refuses those that still have a process. */
export function removeGroupsOfPods({ name }: StackNode): void {
  for (const hierarchy of observeHierarchies()) {
    const ofNode = join(ownFolder(hierarchy), name);
    const below = observeTree(ofNode).filter((folder) => folder !== ofNode);
    for (const folder of below) rmdirSync(folder);
  }
}

function observeHierarchies(): Hierarchy[] {
  return parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
}

function ownFolder({ folder }: Hierarchy): string {
  return join(folder, stackPaths.controlGroup);
}

/** Any one hierarchy is enough to find our processes again: `pids` on version 1. */
function daemonsFolder(): string {
  const hierarchies = observeHierarchies();
  const pids = hierarchies.find(({ folder }) =>
    folder.split('/').at(-1)?.split(',').includes('pids'),
  );
  const hierarchy = decideVersion(hierarchies) === 2 ? hierarchies[0] : (pids ?? hierarchies[0]);
  if (hierarchy === undefined) throw new Error('No control groups are mounted on this machine');
  return join(ownFolder(hierarchy), daemons);
}

function observeTree(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const children = readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory());
  return [...children.flatMap((entry) => observeTree(join(folder, entry.name))), folder];
}

/** Lets the groups below use every controller that there is (cgroups(7), "cgroup.subtree_control"). */
function enableControllers(folder: string): void {
  const available = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const enabled = readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
  const missing = available.filter((name) => name !== '' && !enabled.includes(name));
  if (missing.length === 0) return;
  const change = missing.map((name) => `+${name}`).join(' ');
  writeFileSync(join(folder, 'cgroup.subtree_control'), change);
}

/** A new version 1 cpuset is empty, and an empty one takes no process. */
function inheritCpuset(folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const parent = join(dirname(folder), file);
    if (existsSync(parent)) writeFileSync(join(folder, file), readFileSync(parent));
  }
}
