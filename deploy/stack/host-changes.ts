// What does the stack change on the host, and how is it put back?
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { stackPaths } from './stack-paths.ts';

/** Written before anything is changed, so that a crash in between loses nothing. */
type HostChanges = {
  /** Sysctls are back at their defaults after a reboot: then the old values mean nothing. */
  bootId: string;
  sysctls: Record<string, string>;
  /** Controllers that the root control group passed on, on version 2. */
  controllers: string;
  /** Folders that did not exist, in the order they must be removed in. */
  folders: string[];
};

/** Sysctls of the whole machine that the kubelet or we write. Those of networks are the namespace's own. */
const sysctls = [
  'vm/overcommit_memory',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'fs/inotify/max_user_instances',
];

const rootSubtreeControl = '/sys/fs/cgroup/cgroup.subtree_control';

/** The kubelet makes a machine reboot on a kernel oops: not wanted on a developer's. */
const panicSysctls = ['kernel/panic', 'kernel/panic_on_oops'];

/** Each pod and each container runtime shim holds inotify instances; the default is 128. */
const inotifyInstances = 1024;

/** Folders of the host that the stack covers with its own; they must exist to be covered. */
export const coveredFolders = [
  '/var/lib/kubelet',
  '/var/lib/dynamic',
  '/var/lib/cni',
  '/var/log',
] as const;

/** Writes down what is going to change, then changes it. */
export function ensureHostChanges(): void {
  const changes = readChanges() ?? observeHost();
  writeFileSync(stackPaths.hostChangesFile, JSON.stringify(changes, null, 2));
  for (const folder of changes.folders) mkdirSync(folder, { recursive: true });
  const instances = Number(changes.sysctls['fs/inotify/max_user_instances'] ?? 0);
  if (instances < inotifyInstances) {
    writeSysctl('fs/inotify/max_user_instances', String(inotifyInstances));
  }
}

/** Whether a kubelet has set what `restorePanicBehaviour` undoes. */
export function hasKubeletTuned(): boolean {
  return readSysctl('kernel/panic') === '10' && readSysctl('kernel/panic_on_oops') === '1';
}

/** Undoes what the kubelet did to the kernel's panic behaviour, while the stack runs. */
export function restorePanicBehaviour(): void {
  restoreSysctls(panicSysctls);
}

/** Puts the host back as it was. */
export function restoreHost(): void {
  const changes = readChanges();
  restoreSysctls(sysctls);
  const disable = planDisabling(changes?.controllers ?? '', readControllers());
  if (disable !== '') writeFileSync(rootSubtreeControl, disable);
  for (const folder of changes?.folders ?? []) {
    if (existsSync(folder)) rmdirSync(folder);
  }
}

/** Lists what differs from what was written down: nothing after `restoreHost`. */
export function observeDifferences(): string[] {
  const changes = readChanges();
  if (changes === undefined) return [];
  const folders = changes.folders.filter((folder) => existsSync(folder));
  const values = Object.entries(changes.sysctls).filter(([name, old]) => readSysctl(name) !== old);
  const disable = planDisabling(changes.controllers, readControllers());
  return [
    ...(disable === '' ? [] : [`control group controllers ${disable}`]),
    ...folders.map((folder) => `folder ${folder}`),
    ...values.map(([name, old]) => `sysctl ${name} is not ${old}`),
  ];
}

function observeHost(): HostChanges {
  const values = sysctls.flatMap((name) => {
    const value = readSysctl(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    bootId: readBootId(),
    controllers: readControllers(),
    sysctls: Object.fromEntries(values),
    folders: coveredFolders.filter((folder) => !existsSync(folder)),
  };
}

function readChanges(): HostChanges | undefined {
  if (!existsSync(stackPaths.hostChangesFile)) return undefined;
  const changes = JSON.parse(readFileSync(stackPaths.hostChangesFile, 'utf8')) as HostChanges;
  return changes.bootId === readBootId()
    ? changes
    : { ...changes, sysctls: {}, controllers: readControllers() };
}

function restoreSysctls(names: readonly string[]): void {
  const saved = readChanges()?.sysctls ?? {};
  for (const name of names) {
    const value = saved[name];
    if (value !== undefined && readSysctl(name) !== value) writeSysctl(name, value);
  }
}

/** What to write to `cgroup.subtree_control` so that it reads as before (cgroups(7)); "" is nothing. */
export function planDisabling(before: string, now: string): string {
  const added = now.split(' ').filter((name) => name !== '' && !before.split(' ').includes(name));
  return added.map((name) => `-${name}`).join(' ');
}

function readControllers(): string {
  return existsSync(rootSubtreeControl) ? readFileSync(rootSubtreeControl, 'utf8').trim() : '';
}

function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function readSysctl(name: string): string | undefined {
  const path = `/proc/sys/${name}`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

function writeSysctl(name: string, value: string): void {
  writeFileSync(`/proc/sys/${name}`, value);
}
