// How does a test let a mount pod be served by our own FUSE server, and let that misbehave?
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { buildMountPodRunDir, KUBELET_DIR } from '../../api/paths.ts';
import { callRemoteControl } from '../../csi-node/remote-control.ts';
import type { Lab, RunningMountPod } from './lab.ts';
import { runOrFail } from './processes.ts';

/**
 * What the server does with every request: answers, answers after 1 s, refuses, or reads it and does not answer before
 * the mode changes. `exit` (status 0) and `crash` (SIGSEGV) end all that it serves.
 */
export type FuseMode = 'ok' | 'slow' | 'EIO' | 'EACCES' | 'hang' | 'exit' | 'crash';

const BUILD_DEADLINE_MS = 120_000;

/**
 * Compiles the server (Go keeps what it compiled by content). It shows one file, `hello.txt`, and keeps in memory what
 * is written beside it.
 *
 * @returns `firstOnPath` of a mount pod: there it is found before rclone
 */
export async function buildFuseServer(directory: string): Promise<string> {
  const target = join(directory, 'fuse-server');
  mkdirSync(target);
  const source = join(import.meta.dirname, 'fuse-server');
  const settings = ['CGO_ENABLED=0', 'GOTOOLCHAIN=local', 'GOFLAGS=-buildvcs=false'];
  const build = ['go', 'build', '-C', source, '-o', join(target, 'rclone'), '.'];
  await runOrFail('env', [...settings, ...build], BUILD_DEADLINE_MS);
  return target;
}

/** Lets the server of a mount pod behave otherwise: in one mount, or in all that are and will be. */
export async function setFuseMode(
  lab: Lab,
  mountPod: RunningMountPod,
  mode: FuseMode,
  source = '',
): Promise<void> {
  // A socket's path has at most 107 bytes.
  const runDir = openSync(lab.host.path(buildMountPodRunDir(mountPod.uid, KUBELET_DIR)), 'r');
  const ends = mode === 'exit' || mode === 'crash';
  try {
    await callRemoteControl({
      socketPath: `/proc/self/fd/${runDir}/rc.sock`,
      command: 'control/set',
      parameters: { mode, source },
      signal: AbortSignal.timeout(10_000),
    });
  } catch (error) {
    // Its answer may die with it.
    if (!ends) throw error;
  } finally {
    closeSync(runDir);
  }
}
