// Which programs does the node lab need, and where are they?
import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runOrFail } from './processes.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A program of the stack's build cache. Missing is a failure: a test that did not run proves nothing. */
export function findProgram(name: string): string {
  const directory = process.env['DYNVOL_BIN_DIR'];
  if (!directory) throw new Error('DYNVOL_BIN_DIR is not set: run `npm test -- node`');
  const path = join(directory, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`npm run stack -- up\``);
  return path;
}

/**
 * Puts the rclone of our image into a directory of the lab, by the name under which the image has it. The build cache
 * itself may lie in a directory that the lab's host replaces by its own.
 */
export function copyRclone(directory: string): string {
  const target = join(directory, 'rclone');
  mkdirSync(target);
  copyFileSync(findProgram('rclone-s3'), join(target, 'rclone'));
  return target;
}

/** Compiles our two C programs as the images do. */
export async function buildOwnPrograms(
  directory: string,
): Promise<{ tools: string; probe: string }> {
  const tools = join(directory, 'tools');
  const probe = join(directory, 'dynvol-probe');
  mkdirSync(tools);
  const warnings = ['-static', '-Wall', '-Wextra', '-Werror'];
  const mountPod = join(tools, 'mount-pod');
  await Promise.all([
    runOrFail(
      'gcc',
      [...warnings, '-Os', '-o', mountPod, join(ROOT, 'mount-pod/mount-pod.c')],
      60_000,
    ),
    runOrFail(
      'gcc',
      [...warnings, '-O2', '-pthread', '-o', probe, join(ROOT, 'csi-node/probe.c')],
      60_000,
    ),
  ]);
  symlinkSync('mount-pod', join(tools, 'fusermount3'));
  return { tools, probe };
}

/** Compiles a program that holds a file by a mapping alone. */
export async function buildMapHolder(directory: string): Promise<string> {
  const program = join(directory, 'hold-map');
  const source = join(import.meta.dirname, 'hold-map.c');
  await runOrFail('gcc', ['-static', '-Wall', '-Werror', '-o', program, source], 60_000);
  return program;
}
