// What is mounted, and what lies, on a node of the stack?
import { readdir, readFile } from 'node:fs/promises';
import { findHolder } from '../../deploy/stack/node-holder.ts';
import { nodes } from '../../deploy/stack/nodes.ts';
import { runOk } from './programs.ts';

export const NODES: readonly string[] = nodes.map(({ name }) => name);

/** The mount table of a node (proc_pid_mountinfo(5)), one row a line. */
export async function readNodeMounts(node: string): Promise<string[]> {
  const table = await readFile(`/proc/${findHolder({ name: node })}/mountinfo`, 'utf8');
  return table.trimEnd().split('\n');
}

/** Mountpoints on a node that contain this text. */
export async function findNodeMounts(node: string, text: string): Promise<string[]> {
  const rows = await readNodeMounts(node);
  return rows.map((row) => row.split(' ')[4] ?? '').filter((path) => path.includes(text));
}

/** Names in a folder of a node; none when it does not exist. Only for folders that no storage serves. */
export async function listNodeFolder(node: string, folder: string): Promise<string[]> {
  try {
    return await readdir(`/proc/${findHolder({ name: node })}/root${folder}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Runs a program among the mounts of a node. */
export async function runOnNode(node: string, ...argv: string[]): Promise<string> {
  return await runOk('nsenter', ['-t', String(findHolder({ name: node })), '-m', '--', ...argv]);
}
