// What does Helm make of the chart? (for tests)
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { KubernetesObject, V1Container, V1PodSpec } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';
import { ensureHelm } from '../../../../deploy/install/rendered-manifest.ts';

const execute = promisify(execFile);

// oxlint-disable-next-line typescript/no-explicit-any -- objects of every kind, looked at by tests only
export type AnyObject = KubernetesObject & Record<string, any>;

/** What Helm prints. */
export async function runHelm(...args: string[]): Promise<string> {
  const { stdout } = await execute(await ensureHelm(), args, { maxBuffer: 16 << 20 });
  return stdout;
}

/** Renders the chart with `--set` of each argument. */
export async function render(...settings: string[]): Promise<AnyObject[]> {
  const chart = checkoutPath('deploy/chart');
  const set = settings.flatMap((setting) => ['--set', setting]);
  return readObjects(
    await runHelm('template', 'dynvol', chart, '--namespace', 'dynvol-system', ...set),
  );
}

export function readObjects(manifest: string): AnyObject[] {
  const documents = parseAllDocuments(manifest).map((one) => one.toJSON() as AnyObject | null);
  return documents.filter((object) => object !== null);
}

export function findOne(objects: AnyObject[], kind: string, name: string): AnyObject {
  const found = objects.find((object) => object.kind === kind && object.metadata?.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

export function podSpecOf(object: AnyObject): V1PodSpec | undefined {
  return (object['spec']?.template?.spec ??
    (object.kind === 'Pod' ? object['spec'] : undefined)) as V1PodSpec | undefined;
}

export function containersOf(objects: AnyObject[]): V1Container[] {
  return objects.flatMap((object) => podSpecOf(object)?.containers ?? []);
}

export function environmentOf(
  objects: AnyObject[],
  kind: string,
  name: string,
): Record<string, unknown> {
  const [container] = podSpecOf(findOne(objects, kind, name))?.containers ?? [];
  return Object.fromEntries((container?.env ?? []).map((one) => [one.name, one.value]));
}
