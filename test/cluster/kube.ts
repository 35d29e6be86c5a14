// How do the cluster tests talk to the API server? (they run inside the stack, with its KUBECONFIG)
import { KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { KubernetesObject } from '@kubernetes/client-node';
import { waitUntil } from '../wait-until.ts';

const config = new KubeConfig();
config.loadFromDefault();
const api = KubernetesObjectApi.makeApiClient(config);

// oxlint-disable-next-line typescript/no-explicit-any -- objects of every kind, looked at by tests only
export type AnyObject = KubernetesObject & Record<string, any>;

export interface Ref {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Creates or changes an object by server-side apply. */
export async function apply(object: AnyObject): Promise<AnyObject> {
  return await api.patch(
    object,
    undefined,
    undefined,
    'dynvol-test',
    true,
    PatchStrategy.ServerSideApply,
  );
}

/** Would the object be created? Nothing is stored (Kubernetes API concepts, "Dry-run"). */
export async function isAdmitted(object: AnyObject): Promise<boolean> {
  const created = api.create(object, undefined, 'All');
  return await created.then(
    () => true,
    () => false,
  );
}

/** Changes the named fields of an object; null takes one away. */
export async function mergePatch(ref: Ref, change: Record<string, unknown>): Promise<AnyObject> {
  const { metadata, ...fields } = change;
  const named = { ...(metadata as object | undefined), ...ref.metadata };
  const body: AnyObject = { ...ref, ...fields, metadata: named };
  return await api.patch(
    body,
    undefined,
    undefined,
    undefined,
    undefined,
    PatchStrategy.MergePatch,
  );
}

/** The object, or undefined when it does not exist. */
export async function find(ref: Ref): Promise<AnyObject | undefined> {
  try {
    return await api.read<AnyObject>(ref);
  } catch (error) {
    if ((error as { code?: number }).code === 404) return undefined;
    throw error;
  }
}

/** All objects of a kind in a namespace, or of the whole cluster. */
export async function list(
  apiVersion: string,
  kind: string,
  namespace?: string,
  labelSelector?: string,
): Promise<AnyObject[]> {
  const answer = await api.list(
    apiVersion,
    kind,
    namespace,
    undefined,
    undefined,
    undefined,
    undefined,
    labelSelector,
  );
  return answer.items as AnyObject[];
}

/** Asks for the deletion of an object; absence is fine. */
export async function remove(ref: Ref): Promise<void> {
  try {
    await api.delete(ref);
  } catch (error) {
    if ((error as { code?: number }).code !== 404) throw error;
  }
}

/** Deletes an object and waits until it is gone. */
export async function removeAndWait(ref: Ref, timeoutMs = 60_000): Promise<void> {
  await remove(ref);
  await waitUntil(
    `${ref.kind} ${ref.metadata.name} is gone`,
    async () => !(await find(ref)),
    timeoutMs,
  );
}

/** Events about an object, newest API, whatever namespace they are in. */
export async function listEvents(uid: string): Promise<AnyObject[]> {
  const events = await list('events.k8s.io/v1', 'Event');
  return events.filter((event) => event['regarding']?.uid === uid);
}

/** Waits for an Event about an object; its text. */
export async function waitForEvent(
  uid: string,
  reason: string,
  timeoutMs = 60_000,
): Promise<string> {
  let seen: AnyObject[] = [];
  const find = () => seen.find((event) => event['reason'] === reason);
  await waitUntil(
    `an Event ${reason} is recorded`,
    async () => {
      seen = await listEvents(uid);
      return find() !== undefined;
    },
    timeoutMs,
    () => seen.map((event) => event['reason']).join(', '),
  );
  return String(find()?.['note']);
}

/** Waits until the object satisfies the condition; the last seen object is in the error. */
export async function waitFor(
  ref: Ref,
  what: string,
  condition: (object: AnyObject) => boolean,
  timeoutMs = 60_000,
): Promise<AnyObject> {
  let last: AnyObject | undefined;
  await waitUntil(
    `${ref.kind} ${ref.metadata.name} ${what}`,
    async () => {
      last = await find(ref);
      return last !== undefined && condition(last);
    },
    timeoutMs,
    () => JSON.stringify(last?.status ?? last),
  );
  return last as AnyObject;
}
