// How can a process in a container keep a mount busy?
import { chmod, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureStaticProgram } from '../../deploy/images/static-program.ts';
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import { waitUntil } from '../wait-until.ts';
import type { Pod } from './pod.ts';

const mapper = path.join(import.meta.dirname, 'mmap-holder.c');

export type Hold = 'an open file' | 'a working directory' | 'a mapped file';

/** Starts a process that holds `hello.txt` of a folder, or the folder; its number on the node. */
export async function startHolder(pod: Pod, hold: Hold, folder: string): Promise<number> {
  if (hold === 'a mapped file') await bringMapper(pod);
  await pod.shellOk(`(${buildLine(hold, folder)}) > /tmp/holder 2>&1 & sleep 0`);
  await waitUntil('the mount is held', async () =>
    (await pod.shellOk('cat /tmp/holder')).includes('held'),
  );
  const processes = await listPodProcesses(pod.uid);
  const found = processes.find(({ argv }) => /\b(86400|mmap-holder)\b/.test(argv));
  if (!found) throw new Error(`The holder of ${folder} in ${pod.name} has ended`);
  return found.pid;
}

/** One process each: a child would hold the mount as well. */
function buildLine(hold: Hold, folder: string): string {
  switch (hold) {
    case 'an open file':
      return `exec 3< ${folder}/hello.txt; echo held; exec sleep 86400`;
    case 'a working directory':
      return `cd ${folder}; echo held; exec sleep 86400`;
    case 'a mapped file':
      return `exec /tmp/mmap-holder ${folder}/hello.txt`;
  }
}

async function bringMapper(pod: Pod): Promise<void> {
  const target = await pod.outsidePath('/tmp/mmap-holder');
  await copyFile(await ensureStaticProgram(mapper), target);
  await chmod(target, 0o755);
}
