// How do two `up` or `down` at once stay out of each other's way?
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, observeProcess, type ProcessIdentity } from './processes.ts';
import { stackPaths } from './stack-paths.ts';
import { waitUntil } from './wait-until.ts';

/** A cold build may be going on in the other process. */
const timeoutMs = 45 * 60_000;

/**
 * Does the work while this process alone may change the stack.
 *
 * @throws Error after 45 minutes of waiting for another process
 */
export async function withStackLock<T>(work: () => Promise<T>): Promise<T> {
  await waitUntil('no other process changes the stack', tryLock, timeoutMs);
  try {
    return await work();
  } finally {
    rmSync(stackPaths.lockFile, { force: true });
  }
}

function tryLock(): boolean {
  const owner = readOwner();
  if (owner !== undefined && !isAlive(owner)) rmSync(stackPaths.lockFile, { force: true });
  try {
    const self = JSON.stringify(observeProcess(process.pid));
    writeFileSync(stackPaths.lockFile, self, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(stackPaths.lockFile, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
