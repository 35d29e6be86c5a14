// An API server and its caches in memory: what the activities read and write, with every write noted.
import { randomUUID } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS, WORKLOAD_POD_ANNOTATION } from '../../api/names.ts';
import type { StorageProviderClass } from '../../api/storage-provider-class.ts';
import type { EventObject } from '../../activities/events.ts';
import type { ClusterView, PodView } from '../../watch/cluster-view.ts';
import { KubernetesError } from '../../watch/kubernetes-error.ts';
import type { KubernetesApi, NamespaceView } from '../../watch/kubernetes.ts';

/** The live objects are the maps; the caches show them too, unless `lag` holds back a copy. */
export class FakeCluster {
  readonly claims = new Map<string, DynamicVolumeClaim>();
  readonly classes = new Map<string, StorageProviderClass>();
  readonly secrets = new Map<string, Record<string, string>>();
  readonly pods = new Map<string, PodView>();
  /** `metadata.resourceVersion` of the Secrets; `1` for one that is not in here. */
  readonly secretVersions = new Map<string, string>();
  readonly namespaces = new Map<string, NamespaceView>();
  readonly nodes = new Set(['node1', 'node2']);
  /** Of {@link nodes}, those whose kubelet does not report. */
  readonly nodesNotReady = new Set<string>();
  readonly events = new Map<string, EventObject & { series?: { count: number } }>();
  /** Every write, as `patch status` or `create pod s3-…`; Events are not counted. */
  readonly writes: string[] = [];
  /** Every status that was written, oldest first. */
  readonly statuses: NonNullable<DynamicVolumeClaim['status']>[] = [];
  readonly agents = new Map([
    ['node1', '127.0.0.1'],
    ['node2', '127.0.0.1'],
  ]);
  /** While true every request is refused. */
  isDown = false;
  /** What new mount pods look like. */
  mountPodProblem: PodView['startProblem'];

  #cached:
    Pick<FakeCluster, 'claims' | 'classes' | 'pods' | 'secrets' | 'secretVersions'> | undefined;
  #version = 100;

  /** From now on the caches show what is true now. */
  lag(): void {
    const { claims, classes, pods, secrets, secretVersions } = this;
    this.#cached = structuredClone({ claims, classes, pods, secrets, secretVersions });
  }

  put(claim: DynamicVolumeClaim): void {
    this.claims.set(`${claim.metadata.namespace}/${claim.metadata.name}`, claim);
  }

  putPod(pod: PodView): void {
    this.pods.set(`${pod.namespace}/${pod.name}`, pod);
  }

  /** Changes the spec as `kubectl apply` does: a new generation. */
  edit(name: string, spec: Partial<DynamicVolumeClaim['spec']>): DynamicVolumeClaim {
    const claim = this.#claim(name);
    Object.assign(claim.spec, spec);
    claim.metadata.generation++;
    this.#touch(claim);
    return claim;
  }

  /** Marks for deletion; without a finalizer the object is gone at once. */
  delete(name: string): void {
    const claim = this.#claim(name);
    if (!claim.metadata.finalizers?.length) {
      this.claims.delete(name);
      return;
    }
    claim.metadata.deletionTimestamp = '2026-01-01T00:01:00Z';
    claim.metadata.generation++;
    this.#touch(claim);
  }

  mountPods(): PodView[] {
    return [...this.pods.values()].filter((pod) => pod.namespace === MOUNT_NAMESPACE);
  }

  readonly view: ClusterView = {
    synced: Promise.resolve(),
    claim: (namespace, name) => (this.#cached ?? this).claims.get(`${namespace}/${name}`),
    claims: () => [...(this.#cached ?? this).claims.values()],
    claimsIn: (namespace) =>
      [...(this.#cached ?? this).claims.values()].filter(
        (claim) => claim.metadata.namespace === namespace,
      ),
    storageProviderClass: (name) => (this.#cached ?? this).classes.get(name),
    storageProviderClasses: () => [...(this.#cached ?? this).classes.values()],
    secretVersion: (namespace, name) =>
      readSecretVersion(this.#cached ?? this, `${namespace}/${name}`),
    podsIn: (namespace) => this.#cachedPods().filter((pod) => pod.namespace === namespace),
    mountPods: (key) =>
      this.#cachedPods().filter((pod) => pod.labels[MOUNT_POD_LABELS.sharingKey] === key),
    pods: () => this.#cachedPods(),
    podByUid: (uid) => this.#cachedPods().find((pod) => pod.uid === uid),
    agentAddress: (node) => this.agents.get(node),
    agentNodes: () => [...this.agents.keys()].sort(),
  };

  readonly kubernetes: KubernetesApi = {
    getClaim: async (namespace, name) => this.#read(this.claims.get(`${namespace}/${name}`)),
    listClaims: async (namespace) =>
      this.#read([...this.claims.values()].filter((one) => one.metadata.namespace === namespace)),
    listAllClaims: async () => this.#read([...this.claims.values()]),
    getStorageProviderClass: async (name) => this.#read(this.classes.get(name)),
    getSecret: async (namespace, name) => this.#read(this.secrets.get(`${namespace}/${name}`)),
    getSecretVersion: async (namespace, name) =>
      this.#read(readSecretVersion(this, `${namespace}/${name}`)),
    getNamespace: async (name) =>
      this.#read(this.namespaces.get(name) ?? { labels: {}, annotations: {} }),
    getContainerNames: async () => this.#read({}),
    getPod: async (namespace, name) => this.#read(this.pods.get(`${namespace}/${name}`)),
    getNodeState: async (name) => {
      if (!this.nodes.has(name)) return this.#read('gone');
      return this.#read(this.nodesNotReady.has(name) ? 'notReady' : 'ready');
    },
    getDriverUid: async () => this.#read('driver-uid'),
    listPods: async (namespace) =>
      this.#read([...this.pods.values()].filter((pod) => pod.namespace === namespace)),
    listMountPods: async (key) =>
      this.#read(this.mountPods().filter((pod) => pod.labels[MOUNT_POD_LABELS.sharingKey] === key)),
    createPod: async (pod) => this.#createPod(pod),
    removePod: async ({ namespace, name, uid, resourceVersion }) => {
      this.#write(`delete pod ${name}`);
      const key = `${namespace}/${name}`;
      const pod = this.pods.get(key);
      const isMeant = resourceVersion === undefined || resourceVersion === pod?.resourceVersion;
      if (pod?.uid === uid && isMeant) this.pods.delete(key);
    },
    patchPodMetadata: async ({ namespace, name, resourceVersion }, { labels = {} }) => {
      this.#write(`patch pod ${name}`);
      const pod = this.pods.get(`${namespace}/${name}`);
      if (!pod) throw refuse(404, 'NotFound');
      if (pod.resourceVersion !== resourceVersion) throw refuse(409, 'Conflict');
      for (const [key, value] of Object.entries(labels)) {
        if (value === null) delete pod.labels[key];
        else pod.labels[key] = value;
      }
      pod.resourceVersion = String(this.#version++);
      return structuredClone(pod);
    },
    patchClassFinalizers: async ({ name, resourceVersion }, finalizers) => {
      this.#write('patch class finalizers');
      const cls = this.classes.get(name);
      if (!cls) throw refuse(404, 'NotFound');
      if (cls.metadata.resourceVersion !== resourceVersion) throw refuse(409, 'Conflict');
      cls.metadata.finalizers = finalizers;
      cls.metadata.resourceVersion = String(this.#version++);
      if (cls.metadata.deletionTimestamp && finalizers.length === 0) this.classes.delete(name);
      return structuredClone(cls);
    },
    patchClaimFinalizers: async ({ namespace, name, resourceVersion }, finalizers) => {
      this.#write('patch finalizers');
      const claim = this.#claim(`${namespace}/${name}`);
      if (claim.metadata.resourceVersion !== resourceVersion) throw refuse(409, 'Conflict');
      claim.metadata.finalizers = finalizers;
      this.#touch(claim);
      if (claim.metadata.deletionTimestamp && finalizers.length === 0) {
        this.claims.delete(`${namespace}/${name}`);
      }
      return structuredClone(claim);
    },
    patchClaimStatus: async ({ namespace, name, uid }, status) => {
      this.#write('patch status');
      const claim = this.#claim(`${namespace}/${name}`);
      if (claim.metadata.uid !== uid) throw refuse(422, 'Invalid');
      claim.status = structuredClone(status);
      this.statuses.push(structuredClone(status));
      this.#touch(claim);
    },
    createEvent: async (event) => {
      this.#read(undefined);
      const { name } = event.metadata;
      if (this.events.has(name)) throw refuse(409, 'AlreadyExists');
      this.events.set(name, event as unknown as EventObject);
    },
    patchEvent: async ({ name }, patch) => {
      this.events.set(name, { ...this.events.get(name), ...patch } as EventObject);
    },
  };

  async #createPod(pod: V1Pod): Promise<PodView> {
    const { namespace = '', name = '', labels = {}, annotations = {} } = pod.metadata ?? {};
    const servesNamespace = annotations[WORKLOAD_POD_ANNOTATION]?.split('/')[0];
    this.#write(`create pod ${name}`);
    if (this.pods.has(`${namespace}/${name}`)) throw refuse(409, 'AlreadyExists');
    const created: PodView = {
      uid: randomUUID(),
      namespace,
      name,
      resourceVersion: '1',
      labels,
      nodeName: 'node1',
      phase: 'Running',
      terminating: false,
      sandboxReady: true,
      ready: true,
      ...(servesNamespace ? { servesNamespace } : {}),
      ...(this.mountPodProblem ? { startProblem: this.mountPodProblem } : {}),
    };
    this.putPod(created);
    return structuredClone(created);
  }

  #cachedPods(): PodView[] {
    return [...(this.#cached ?? this).pods.values()];
  }

  #claim(key: string): DynamicVolumeClaim {
    const claim = this.claims.get(key);
    if (!claim) throw refuse(404, 'NotFound');
    return claim;
  }

  #touch(claim: DynamicVolumeClaim): void {
    claim.metadata.resourceVersion = String(this.#version++);
  }

  #read<T>(value: T): T {
    if (this.isDown) throw refuse(503, 'ServiceUnavailable');
    return structuredClone(value);
  }

  #write(what: string): void {
    if (this.isDown) throw refuse(503, 'ServiceUnavailable');
    this.writes.push(what);
  }
}

function readSecretVersion(
  { secrets, secretVersions }: Pick<FakeCluster, 'secrets' | 'secretVersions'>,
  key: string,
): string | undefined {
  return secrets.has(key) ? (secretVersions.get(key) ?? '1') : undefined;
}

function refuse(status: number, reason: string): KubernetesError {
  return new KubernetesError(status, reason, reason);
}
