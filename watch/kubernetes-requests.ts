// How are single requests to the Kubernetes API put, and their answers read?
import type { PodView } from './cluster-view.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { isConflict, isNotFound } from './kubernetes-error.ts';
import type { NodeState, VersionedRef } from './kubernetes.ts';
import { projectPod } from './projections.ts';

/** Field manager of everything that the controller writes. */
const FIELD_MANAGER = 'dynvol-controller';

/** Reads an object; undefined when it does not exist. */
export async function find(
  connection: KubernetesConnection,
  path: string,
  signal?: AbortSignal,
  accept?: string,
): Promise<unknown> {
  try {
    return await connection.send({ method: 'GET', path, ...(accept ? { accept } : {}) }, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** @param query begins with `?`, or "" */
export async function listPods(
  connection: KubernetesConnection,
  namespace: string,
  query: string,
): Promise<PodView[]> {
  const path = `${namespacedPath('/api/v1', 'pods', { namespace })}${query}`;
  const list = (await connection.send({ method: 'GET', path })) as { items: unknown[] };
  return list.items.map(projectPod);
}

/** Deletes exactly this pod; see `KubernetesApi.removePod`. */
export async function removePod(
  connection: KubernetesConnection,
  pod: VersionedRef,
  gracePeriodSeconds: number,
): Promise<void> {
  const path = namespacedPath('/api/v1', 'pods', pod);
  const { uid, resourceVersion } = pod;
  const preconditions = { uid, ...(resourceVersion ? { resourceVersion } : {}) };
  const body = { gracePeriodSeconds, preconditions };
  try {
    await connection.send({ method: 'DELETE', path, body });
  } catch (error) {
    // Conflict: a precondition, so the name has passed to another pod, or the pod has changed.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** @param node undefined when there is no such object */
export function readNodeState(node: unknown): NodeState {
  if (node === undefined) return 'gone';
  const { status } = node as { status?: { conditions?: { type: string; status: string }[] } };
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? 'ready' : 'notReady';
}

/** Path of a namespaced collection, or of one object of it. */
export function namespacedPath(
  group: string,
  plural: string,
  object: { namespace: string; name?: string },
): string {
  const collection = `${group}/namespaces/${encodeURIComponent(object.namespace)}/${plural}`;
  return object.name === undefined
    ? collection
    : `${collection}/${encodeURIComponent(object.name)}`;
}

/** Path of the Events of a namespace, or of one of them. */
export function eventPath(event: { namespace: string; name?: string }): string {
  return namespacedPath('/apis/events.k8s.io/v1', 'events', event);
}

/** A path for a write, which bears our name as its field manager. */
export function managed(path: string): string {
  return `${path}?fieldManager=${FIELD_MANAGER}`;
}

/** Values of a Secret, as UTF-8. */
export function decodeSecret(secret: unknown): Record<string, string> {
  const data = (secret as { data?: Record<string, string> }).data ?? {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
