// What does the project ask of the Kubernetes API?
import { KubeConfig } from '@kubernetes/client-node';
import type { DynamicVolumeClaim, DynamicVolumeClaimStatus } from '../api/dynamic-volume-claim.ts';
import {
  API_VERSION,
  CLAIM_PLURAL,
  CLASS_PLURAL,
  GROUP,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
} from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { PodView } from './cluster-view.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { isConflict, isNotFound } from './kubernetes-error.ts';
import { projectClaim, projectClass, projectPod } from './projections.ts';

/** Field manager of everything that the controller writes. */
const FIELD_MANAGER = 'dynvol-controller';

export const PATHS = {
  claims: `/apis/${GROUP}/${API_VERSION}/${CLAIM_PLURAL}`,
  classes: `/apis/${GROUP}/${API_VERSION}/${CLASS_PLURAL}`,
  pods: '/api/v1/pods',
} as const;

/** An object that is sent as it is: a built Pod, an `events.k8s.io/v1` Event. */
export interface NamespacedObject {
  metadata: { namespace: string; name: string };
}

/** What identifies one object for good: a namesake with another UID is another object. */
export interface ObjectRef {
  namespace: string;
  name: string;
  uid: string;
}

/**
 * The requests of controller and webhook. Reads are live, never from a cache, and answer `undefined` for what does not
 * exist. Everything else that the API server refuses is thrown as `KubernetesError` (`isNotFound`, `isConflict`).
 */
export interface KubernetesApi {
  getClaim(namespace: string, name: string): Promise<DynamicVolumeClaim | undefined>;
  getStorageProviderClass(
    name: string,
    signal?: AbortSignal,
  ): Promise<StorageProviderClass | undefined>;
  /** The Secret's values, decoded as UTF-8. Never log or store them. */
  getSecret(namespace: string, name: string): Promise<Record<string, string> | undefined>;
  getPod(namespace: string, name: string): Promise<PodView | undefined>;
  /** Mount pods with this sharing key, terminating ones included. */
  listMountPods(sharingKey: string): Promise<PodView[]>;
  nodeExists(name: string): Promise<boolean>;

  /** @throws KubernetesError 409 the name is taken */
  createPod(pod: NamespacedObject): Promise<PodView>;
  /** Deletes exactly this pod; one that is gone, or whose name another pod has by now, is success. */
  removePod(pod: ObjectRef, gracePeriodSeconds: number): Promise<void>;
  /**
   * Replaces the claim's finalizers, if the claim still is at the given resource version.
   * @throws KubernetesError 409 the claim has changed; 404 it is gone
   */
  patchClaimFinalizers(
    claim: { namespace: string; name: string; resourceVersion: string },
    finalizers: string[],
  ): Promise<DynamicVolumeClaim>;
  /**
   * Replaces the claim's whole status, whatever its resource version.
   * @throws KubernetesError 404 the claim is gone; 422 its name belongs to another UID, or the status is not valid
   */
  patchClaimStatus(claim: ObjectRef, status: DynamicVolumeClaimStatus): Promise<void>;
  /** @throws KubernetesError 409 an Event of this name exists */
  createEvent(event: NamespacedObject): Promise<void>;
  /** Merges fields into an Event (JSON merge patch). @throws KubernetesError 404 it has expired */
  patchEvent(event: { namespace: string; name: string }, patch: object): Promise<void>;
}

/**
 * The kubeconfig that the library finds: `KUBECONFIG`, then the service account of the pod.
 * @throws Error neither is there, rather than the library's guess of localhost
 */
export function loadKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  if (config.getCurrentContext() === 'loaded-context') {
    throw new Error('Found neither a kubeconfig nor a service account');
  }
  return config;
}

/** Builds the API on a connection (`connectKubernetes`). */
export function createKubernetesApi(connection: KubernetesConnection): KubernetesApi {
  const get = (path: string, signal?: AbortSignal): Promise<unknown> =>
    find(connection, path, signal);
  const claimPath = (claim: { namespace: string; name: string }): string =>
    namespacedPath(`/apis/${GROUP}/${API_VERSION}`, CLAIM_PLURAL, claim);

  return {
    async getClaim(namespace, name) {
      const found = await get(claimPath({ namespace, name }));
      return found === undefined ? undefined : projectClaim(found);
    },
    async getStorageProviderClass(name, signal) {
      const found = await get(`${PATHS.classes}/${encodeURIComponent(name)}`, signal);
      return found === undefined ? undefined : projectClass(found);
    },
    async getSecret(namespace, name) {
      const found = await get(namespacedPath('/api/v1', 'secrets', { namespace, name }));
      return found === undefined ? undefined : decodeSecret(found);
    },
    async getPod(namespace, name) {
      const found = await get(namespacedPath('/api/v1', 'pods', { namespace, name }));
      return found === undefined ? undefined : projectPod(found);
    },
    async listMountPods(sharingKey) {
      const selector = encodeURIComponent(`${MOUNT_POD_LABELS.sharingKey}=${sharingKey}`);
      const path = `${namespacedPath('/api/v1', 'pods', { namespace: MOUNT_NAMESPACE })}?labelSelector=${selector}`;
      const list = (await connection.send({ method: 'GET', path })) as { items: unknown[] };
      return list.items.map(projectPod);
    },
    async nodeExists(name) {
      return (await get(`/api/v1/nodes/${encodeURIComponent(name)}`)) !== undefined;
    },
    async createPod(pod) {
      const path = namespacedPath('/api/v1', 'pods', { namespace: pod.metadata.namespace });
      const created = await connection.send({ method: 'POST', path: managed(path), body: pod });
      return projectPod(created);
    },
    removePod: (pod, gracePeriodSeconds) => removePod(connection, pod, gracePeriodSeconds),
    async patchClaimFinalizers(claim, finalizers) {
      const patched = await connection.send({
        method: 'PATCH',
        path: managed(claimPath(claim)),
        patch: 'merge',
        body: { metadata: { resourceVersion: claim.resourceVersion, finalizers } },
      });
      return projectClaim(patched);
    },
    async patchClaimStatus(claim, status) {
      await connection.send({
        method: 'PATCH',
        path: managed(`${claimPath(claim)}/status`),
        patch: 'json',
        body: [
          { op: 'test', path: '/metadata/uid', value: claim.uid },
          { op: 'add', path: '/status', value: status },
        ],
      });
    },
    async createEvent(event) {
      const path = eventPath({ namespace: event.metadata.namespace });
      await connection.send({ method: 'POST', path: managed(path), body: event });
    },
    async patchEvent(event, patch) {
      const path = managed(eventPath(event));
      await connection.send({ method: 'PATCH', path, patch: 'merge', body: patch });
    },
  };
}

async function find(
  connection: KubernetesConnection,
  path: string,
  signal?: AbortSignal,
): Promise<unknown> {
  try {
    return await connection.send({ method: 'GET', path }, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function removePod(
  connection: KubernetesConnection,
  pod: ObjectRef,
  gracePeriodSeconds: number,
): Promise<void> {
  const path = namespacedPath('/api/v1', 'pods', pod);
  const body = { gracePeriodSeconds, preconditions: { uid: pod.uid } };
  try {
    await connection.send({ method: 'DELETE', path, body });
  } catch (error) {
    // Conflict: the UID precondition, so the name has passed to another pod.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

function namespacedPath(
  group: string,
  plural: string,
  object: { namespace: string; name?: string },
): string {
  const collection = `${group}/namespaces/${encodeURIComponent(object.namespace)}/${plural}`;
  return object.name === undefined
    ? collection
    : `${collection}/${encodeURIComponent(object.name)}`;
}

function eventPath(event: { namespace: string; name?: string }): string {
  return namespacedPath('/apis/events.k8s.io/v1', 'events', event);
}

function managed(path: string): string {
  return `${path}?fieldManager=${FIELD_MANAGER}`;
}

function decodeSecret(secret: unknown): Record<string, string> {
  const data = (secret as { data?: Record<string, string> }).data ?? {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
