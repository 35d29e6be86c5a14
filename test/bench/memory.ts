// How much memory does each process take, beside a bare one of its kind?
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import { waitUntil } from '../wait-until.ts';
import { startRclone } from './floor-rclone.ts';

export interface MemoryRow {
  title: string;
  megabytes: number;
  /** Title of the floor; absent for a floor. */
  floor?: string;
}

const BARE_NODE = 'floor: bare Node';
const BARE_RCLONE = 'floor: bare rclone';

/** How a process of ours is recognised by its arguments. */
const OURS: { title: string; argument: RegExp; floor?: string }[] = [
  { title: 'csi-node', argument: /csi-node/, floor: BARE_NODE },
  { title: 'controller', argument: /controller/, floor: BARE_NODE },
  { title: 'webhook', argument: /webhook/, floor: BARE_NODE },
  { title: 'mount pod: rclone', argument: /rclone/, floor: BARE_RCLONE },
];

/** Resident memory of every kind of process of ours, the largest of each kind. */
export async function measureMemory(): Promise<MemoryRow[]> {
  const processes = await listPodProcesses();
  const rows = await Promise.all(
    OURS.map(async ({ title, argument, floor }): Promise<MemoryRow> => {
      const found = processes.filter(({ argv }) => argument.test(argv));
      const sizes = await Promise.all(found.map(({ pid }) => readResident(pid)));
      return { title, megabytes: Math.max(...sizes), ...(floor ? { floor } : {}) };
    }),
  );
  await using rclone = await startRclone();
  return [
    { title: BARE_NODE, megabytes: await measureBareNode() },
    { title: BARE_RCLONE, megabytes: await readResident(rclone.pid) },
    ...rows,
  ];
}

async function measureBareNode(): Promise<number> {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9); console.log("up")']);
  try {
    const lines: string[] = [];
    bare.stdout.on('data', (bytes: Buffer) => lines.push(bytes.toString()));
    await waitUntil('a bare Node runs', () => lines.length > 0);
    return await readResident(bare.pid ?? 0);
  } finally {
    bare.kill('SIGKILL');
  }
}

/** `VmRSS` of proc_pid_status(5), in MB. */
async function readResident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
