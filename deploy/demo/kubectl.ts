// How does the demo use the cluster, and show what it does there?
import path from 'node:path';
import { run } from '../stack/shell.ts';
import { printCommand } from './print.ts';

export const namespace = 'dynamic-volume-test';
export const root = '/user-defined-root-path';
export const bucket = 'ssat202410181';

const examples = path.relative(process.cwd(), path.join(import.meta.dirname, '../examples'));

export interface Workload {
  name: string;
  uid: string;
}

/** Path of an example, as a person would type it. */
export function example(name: string): string {
  return `${examples}/${name}.yaml`;
}

export async function kubectl(...args: string[]): Promise<string> {
  return await run(['kubectl', ...args]);
}

/** Runs a program for the person to see. */
export async function show(...argv: string[]): Promise<string> {
  const output = await run(argv);
  printCommand(argv, output);
  return output;
}

/** Runs a program in a pod's container for the person to see. */
export async function showIn(workload: Workload, ...argv: string[]): Promise<void> {
  await show('kubectl', 'exec', '-n', namespace, workload.name, '--', ...argv);
}

/** Pods with a label, by name. */
export async function findWorkloads(label: string): Promise<Workload[]> {
  const fields = '{range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}';
  const text = await kubectl(
    'get',
    'pod',
    '-n',
    namespace,
    '-l',
    label,
    '-o',
    `jsonpath=${fields}`,
  );
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([name = '', uid = '']) => ({ name, uid }));
}

export async function findWorkload(label: string): Promise<Workload> {
  const [first] = await findWorkloads(label);
  if (!first) throw new Error(`No pod has the label ${label}`);
  return first;
}

/** Pod UID, container id, start time and restart count: the same before and after means no restart. */
export async function identify(workload: Workload): Promise<string> {
  const status = '.status.containerStatuses[0]';
  const fields = `{.metadata.uid} {${status}.containerID} {${status}.state.running.startedAt} {${status}.restartCount}`;
  return await kubectl('get', 'pod', '-n', namespace, workload.name, '-o', `jsonpath=${fields}`);
}
