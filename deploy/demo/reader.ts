// When can a file be read inside a running container?
import { open } from 'node:fs/promises';
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

/** Waits until no mount pod of the demo's pods is left. */
export async function waitGone(): Promise<void> {
  const args = ['wait', '--for=delete', 'pod', '--all', '--namespace=dynvol-mounts'];
  await run(['kubectl', ...args, '--timeout=60s']);
}
