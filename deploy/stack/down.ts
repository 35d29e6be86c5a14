// How is the stack taken down, and how do we know that nothing is left?
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import { observeControlGroups, observeMembers, removeControlGroups } from './control-groups.ts';
import { observeDifferences, restoreHost } from './host-changes.ts';
import { withStackLock } from './lock.ts';
import { bridge } from './network.ts';
import { isAlive, killProcess, observePids } from './processes.ts';
import { buildProgress, type Progress } from './progress.ts';
import { run } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { readState } from './state.ts';
import { waitUntil } from './wait-until.ts';

const timeoutMs = 30_000;

/**
 * Takes the stack down; one that is not there is fine.
 *
 * @returns what is left on the host, in words: an empty list unless something went wrong
 */
export async function stackDown(write: Progress): Promise<string[]> {
  return withStackLock(() => removeStack(buildProgress(write)));
}

/** As `stackDown`, for a caller that holds the lock. Also removes what a crash or a reboot has left. */
export async function removeStack(progress: Progress): Promise<string[]> {
  if (!existsSync(stackPaths.state) && observeControlGroups().length === 0) return [];
  await endProcesses();
  progress('processes, namespaces, mounts and interfaces are gone');
  await waitUntil('the control groups are removed', removeEmptyGroups, timeoutMs);
  restoreHost();
  const leftovers = [...observeDifferences(), ...observeLeftovers()];
  // Recursive delete is safe only where nothing is mounted, so the mount table is asked first.
  if (observeMounts().length === 0) await run(['rm', '-rf', '--one-file-system', stackPaths.state]);
  progress('control groups, sysctls and folders are as before');
  return leftovers;
}

/**
 * Ends the first process of the PID namespace, upon which the kernel ends all others in it; with the last
 * of them the mount and network namespaces go too. No order is needed: nothing of a stack is kept.
 */
async function endProcesses(): Promise<void> {
  const holder = readState()?.holders[0];
  const namespace = holder && isAlive(holder) ? readPidNamespace(holder.pid) : undefined;
  if (holder !== undefined && namespace !== undefined) killProcess(holder.pid);
  // Members are found by control group as well: the record may be lost or older than a crash.
  await waitUntil(
    'every process of the stack has ended',
    () => {
      const members = [...observeMembers(), ...observeInNamespace(namespace)];
      members.forEach(killProcess);
      return members.length === 0;
    },
    timeoutMs,
  );
}

/** What is still there of the stack, beside what `observeDifferences` compares. */
function observeLeftovers(): string[] {
  const ours = Object.keys(networkInterfaces()).filter((name) => name === bridge);
  return [
    ...observeMembers().map((pid) => `process ${pid}`),
    ...observeControlGroups().map((folder) => `control group ${folder}`),
    ...observeMounts().map((mountpoint) => `mount ${mountpoint}`),
    ...ours.map((name) => `interface ${name}`),
  ];
}

/**
 * Lists mounts of this mount namespace below the stack's folder, or of something below it elsewhere
 * (fields 4 and 5 of proc_pid_mountinfo(5)).
 */
function observeMounts(): string[] {
  const ours = `/${basename(stackPaths.state)}/`;
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, , , root = '', mountpoint = ''] = line.split(' ');
    return `${root}/`.includes(ours) || `${mountpoint}/`.includes(ours) ? [mountpoint] : [];
  });
}

function observeInNamespace(namespace: string | undefined): number[] {
  if (namespace === undefined) return [];
  return observePids().filter((pid) => readPidNamespace(pid) === namespace);
}

function readPidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** The kernel takes a moment to let go of a group whose last process has ended. */
function removeEmptyGroups(): boolean {
  removeControlGroups();
  return true;
}
