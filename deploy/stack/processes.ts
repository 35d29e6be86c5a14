// Is a recorded process still the same one?
import { readFileSync, readdirSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export type ProcessIdentity = {
  pid: number;
  /** Clock ticks after boot at which it started: field 22 of proc_pid_stat(5). */
  startTicks: number;
};

/**
 * Reads who a process is, or undefined if there is none or it is a zombie.
 *
 * @param procFolder a `/proc` of another PID namespace may be given, as seen from here
 */
export function observeProcess(pid: number, procFolder = '/proc'): ProcessIdentity | undefined {
  const fields = readStat(pid, procFolder);
  const startTicks = Number(fields?.[19]);
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks };
}

/** Whether the recorded process still runs. */
export function isAlive(process: ProcessIdentity, procFolder = '/proc'): boolean {
  return observeProcess(process.pid, procFolder)?.startTicks === process.startTicks;
}

/** Lists the children of a process. */
export function observeChildren(parentPid: number): number[] {
  return observePids().filter((pid) => Number(readStat(pid, '/proc')?.[1]) === parentPid);
}

/** Lists every process of this PID namespace. */
export function observePids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Ends a process at once; one that is gone already is fine. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Fields of /proc/<pid>/stat from the third (state) on: the second may hold blanks and brackets. */
function readStat(pid: number, procFolder: string): string[] | undefined {
  try {
    const stat = readFileSync(`${procFolder}/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
