// How much memory does each process take, beside a bare one of its kind?
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { COMPONENT_LABEL, COMPONENTS, MOUNT_NAMESPACE, SYSTEM_NAMESPACE } from '../../api/names.ts';
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import { list } from '../cluster/kube.ts';
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

/** Kinds of pods of ours, by their component label. */
const OURS: { component: string; namespace: string; floor: string }[] = [
  { component: COMPONENTS.agent, namespace: SYSTEM_NAMESPACE, floor: BARE_NODE },
  { component: COMPONENTS.controller, namespace: SYSTEM_NAMESPACE, floor: BARE_NODE },
  { component: COMPONENTS.webhook, namespace: SYSTEM_NAMESPACE, floor: BARE_NODE },
  { component: COMPONENTS.mountPod, namespace: MOUNT_NAMESPACE, floor: BARE_RCLONE },
];

/** Resident memory of the largest process of each kind of pod. */
export async function measureMemory(): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const { component, namespace, floor } of OURS) {
    const pods = await list('v1', 'Pod', namespace, `${COMPONENT_LABEL}=${component}`);
    const processes = await Promise.all(pods.map((pod) => listPodProcesses(pod.metadata?.uid)));
    const sizes = await Promise.all(processes.flat().map(({ pid }) => readResident(pid)));
    rows.push({ title: component, megabytes: Math.max(...sizes), floor });
  }
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
