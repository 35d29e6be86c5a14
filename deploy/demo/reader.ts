// When can a file be read inside a running container?
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { workloadPid } from '../stack/pod-processes.ts';
import { run } from '../stack/shell.ts';

const timeoutMs = 240_000;

/**
 * Reads the file again and again, every millisecond, while `action` runs. The path goes through
 * /proc/<pid>/root, so it is looked up in the container's own mount namespace (proc_pid_root(5)).
 *
 * @returns milliseconds from before `action` to the first byte, and to the end of `action`
 * @throws Error when the file cannot be read within four minutes
 */
export async function measureReadable(
  podUid: string,
  file: string,
  action: () => Promise<void>,
): Promise<{ readableMs: number; appliedMs: number }> {
  const path = `/proc/${await workloadPid(podUid)}/root${file}`;
  const startMs = performance.now();
  const since = () => performance.now() - startMs;
  const [readableMs, appliedMs] = await Promise.all([
    waitReadable(path).then(since),
    action().then(since),
  ]);
  return { readableMs, appliedMs };
}

/**
 * Waits until the first byte of a file can be read, asking every millisecond.
 * @throws Error when it cannot be read within four minutes
 */
export async function waitReadable(path: string): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await isReadable(path))) {
    if (performance.now() > endMs) throw new Error(`${path} could not be read in ${timeoutMs} ms`);
    await delay(1);
  }
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return bytesRead === 1;
  } catch {
    return false; // not there yet
  }
}

/** What a reader in the container saw while something was going on. */
export interface ReadLog {
  reads: number;
  errors: number;
  durationMs: number;
}

/**
 * Reads a file in the container again and again, a millisecond apart, from before `action` until it has
 * ended and `isOver` says so. Every read that fails counts as an error.
 *
 * @param isOver told what was read last, and the mount table of the container
 * @throws Error when that takes more than four minutes
 */
export async function readDuring(
  podUid: string,
  file: string,
  isOver: (text: string, mounts: string) => boolean,
  action: () => Promise<void>,
): Promise<ReadLog> {
  const process = `/proc/${await workloadPid(podUid)}`;
  const startMs = performance.now();
  const log: ReadLog = { reads: 0, errors: 0, durationMs: 0 };
  const ended = new AbortController();
  const acting = action().finally(() => ended.abort());
  acting.catch(() => undefined); // thrown below
  for (
    let text = '';
    !ended.signal.aborted || !isOver(text, await readFile(`${process}/mountinfo`, 'utf8'));
  ) {
    if (log.durationMs > timeoutMs) throw new Error(`${file} did not change in ${timeoutMs} ms`);
    text = await readFile(`${process}/root${file}`, 'utf8').catch(() => '');
    log.reads += 1;
    if (text === '') log.errors += 1;
    log.durationMs = performance.now() - startMs;
    await delay(1);
  }
  await acting;
  return log;
}

/** Device of the mount at a path of the container (`major:minor`); each FUSE mount has one of its own. */
export function findDevice(mounts: string, path: string): string | undefined {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  return rows.findLast((row) => row[4] === path)?.[2];
}

/** The mount table of a pod's container (proc_pid_mountinfo(5)). */
export async function readMounts(podUid: string): Promise<string> {
  return await readFile(`/proc/${await workloadPid(podUid)}/mountinfo`, 'utf8');
}

/** Waits until no mount pod of the demo's pods is left. */
export async function waitGone(): Promise<void> {
  const args = ['wait', '--for=delete', 'pod', '--all', '--namespace=dynvol-mounts'];
  await run(['kubectl', ...args, '--timeout=60s']);
}
