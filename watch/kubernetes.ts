// What does the project ask of the Kubernetes API?
import { KubeConfig } from '@kubernetes/client-node';
import type { DynamicVolumeClaim, DynamicVolumeClaimStatus } from '../api/dynamic-volume-claim.ts';
import {
  API_VERSION,
  CLAIM_PLURAL,
  CLASS_PLURAL,
  DRIVER_NAME,
  GROUP,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
} from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { PodView } from './cluster-view.ts';
import { METADATA_ONLY } from './kubernetes-connection.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import {
  decodeSecret,
  eventPath,
  find,
  listPods,
  managed,
  namespacedPath,
  readNodeState,
  removePod,
} from './kubernetes-requests.ts';
import { projectClaim, projectClass, projectContainerNames, projectPod } from './projections.ts';

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

/** An object, and if it matters the only version of it that is meant. */
export type VersionedRef = ObjectRef & { resourceVersion?: string };

export interface NamespaceView {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * - `ready`: its kubelet reports that all is well
 * - `notReady`: its kubelet reports otherwise, or nothing for 40 s
 * - `gone`: there is no such Node object
 */
export type NodeState = 'ready' | 'notReady' | 'gone';

/**
 * The requests of controller and webhook. Reads are live, never from a cache, and answer `undefined` for what does not
 * exist. Everything else that the API server refuses is thrown as `KubernetesError` (`isNotFound`, `isConflict`).
 */
export interface KubernetesApi {
  getClaim(namespace: string, name: string): Promise<DynamicVolumeClaim | undefined>;
  listClaims(namespace: string, signal?: AbortSignal): Promise<DynamicVolumeClaim[]>;
  /** Claims of all namespaces. Costly, as {@link listPods}. */
  listAllClaims(): Promise<DynamicVolumeClaim[]>;
  getStorageProviderClass(
    name: string,
    signal?: AbortSignal,
  ): Promise<StorageProviderClass | undefined>;
  /** The Secret's values, decoded as UTF-8. Never log or store them. */
  getSecret(namespace: string, name: string): Promise<Record<string, string> | undefined>;
  /** The Secret's `metadata.resourceVersion`, without its values. */
  getSecretVersion(namespace: string, name: string): Promise<string | undefined>;
  /** Labels and annotations of a namespace. */
  getNamespace(name: string, signal?: AbortSignal): Promise<NamespaceView | undefined>;
  getPod(namespace: string, name: string, signal?: AbortSignal): Promise<PodView | undefined>;
  /** Container names of a pod by container id (without the runtime's prefix), init and debug containers included. */
  getContainerNames(namespace: string, name: string): Promise<Record<string, string>>;
  /** Every pod of a namespace. Costly: for what a cache that may lack a pod must not decide. */
  listPods(namespace: string): Promise<PodView[]>;
  /** Mount pods with this sharing key, terminating ones included. */
  listMountPods(sharingKey: string): Promise<PodView[]>;
  getNodeState(name: string): Promise<NodeState>;
  /** UID of our CSIDriver object. */
  getDriverUid(): Promise<string | undefined>;

  /** @throws KubernetesError 409 the name is taken */
  createPod(pod: NamespacedObject): Promise<PodView>;
  /**
   * Sets (or with null removes) labels and annotations of a pod that still is at its resource version.
   * @throws KubernetesError 409 the pod has changed; 404 it is gone
   */
  patchPodMetadata(
    pod: { namespace: string; name: string; resourceVersion: string },
    metadata: {
      labels?: Record<string, string | null>;
      annotations?: Record<string, string | null>;
    },
  ): Promise<PodView>;
  /** Deletes exactly this pod; one that is gone, has changed, or whose name another pod has by now, is success. */
  removePod(pod: VersionedRef, gracePeriodSeconds: number): Promise<void>;
  /**
   * Replaces the claim's finalizers, if the claim still is at the given resource version.
   * @throws KubernetesError 409 the claim has changed; 404 it is gone
   */
  patchClaimFinalizers(
    claim: { namespace: string; name: string; resourceVersion: string },
    finalizers: string[],
  ): Promise<DynamicVolumeClaim>;
  /** As {@link patchClaimFinalizers}, of a class. */
  patchClassFinalizers(
    cls: { name: string; resourceVersion: string },
    finalizers: string[],
  ): Promise<StorageProviderClass>;
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
    async listClaims(namespace, signal) {
      const path = namespacedPath(`/apis/${GROUP}/${API_VERSION}`, CLAIM_PLURAL, { namespace });
      const list = await connection.send({ method: 'GET', path }, signal);
      return (list as { items: unknown[] }).items.map(projectClaim);
    },
    async listAllClaims() {
      const list = await connection.send({ method: 'GET', path: PATHS.claims });
      return (list as { items: unknown[] }).items.map(projectClaim);
    },
    async getStorageProviderClass(name, signal) {
      const found = await get(`${PATHS.classes}/${encodeURIComponent(name)}`, signal);
      return found === undefined ? undefined : projectClass(found);
    },
    async getSecret(namespace, name) {
      const found = await get(namespacedPath('/api/v1', 'secrets', { namespace, name }));
      return found === undefined ? undefined : decodeSecret(found);
    },
    async getSecretVersion(namespace, name) {
      const path = namespacedPath('/api/v1', 'secrets', { namespace, name });
      const found = await find(connection, path, undefined, METADATA_ONLY);
      return (found as { metadata: { resourceVersion: string } } | undefined)?.metadata
        .resourceVersion;
    },
    async getNamespace(name, signal) {
      const found = await get(`/api/v1/namespaces/${encodeURIComponent(name)}`, signal);
      const { metadata } = (found ?? { metadata: {} }) as { metadata: Partial<NamespaceView> };
      const { labels = {}, annotations = {} } = metadata;
      return found === undefined ? undefined : { labels, annotations };
    },
    async getContainerNames(namespace, name) {
      const found = await get(namespacedPath('/api/v1', 'pods', { namespace, name }));
      return found === undefined ? {} : projectContainerNames(found);
    },
    async getPod(namespace, name, signal) {
      const found = await get(namespacedPath('/api/v1', 'pods', { namespace, name }), signal);
      return found === undefined ? undefined : projectPod(found);
    },
    listPods: (namespace) => listPods(connection, namespace, ''),
    listMountPods(sharingKey) {
      const selector = encodeURIComponent(`${MOUNT_POD_LABELS.sharingKey}=${sharingKey}`);
      return listPods(connection, MOUNT_NAMESPACE, `?labelSelector=${selector}`);
    },
    async getNodeState(name) {
      return readNodeState(await get(`/api/v1/nodes/${encodeURIComponent(name)}`));
    },
    async getDriverUid() {
      const found = await get(`/apis/storage.k8s.io/v1/csidrivers/${DRIVER_NAME}`);
      return (found as { metadata: { uid: string } } | undefined)?.metadata.uid;
    },
    async createPod(pod) {
      const path = namespacedPath('/api/v1', 'pods', { namespace: pod.metadata.namespace });
      const created = await connection.send({ method: 'POST', path: managed(path), body: pod });
      return projectPod(created);
    },
    async patchPodMetadata({ namespace, name, resourceVersion }, { labels, annotations }) {
      const patched = await connection.send({
        method: 'PATCH',
        path: managed(namespacedPath('/api/v1', 'pods', { namespace, name })),
        patch: 'merge',
        body: { metadata: { resourceVersion, labels, annotations } },
      });
      return projectPod(patched);
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
    async patchClassFinalizers({ name, resourceVersion }, finalizers) {
      const patched = await connection.send({
        method: 'PATCH',
        path: managed(`${PATHS.classes}/${encodeURIComponent(name)}`),
        patch: 'merge',
        body: { metadata: { resourceVersion, finalizers } },
      });
      return projectClass(patched);
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
