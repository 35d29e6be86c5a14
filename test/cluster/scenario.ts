// What does one case of the cluster tests have of its own?
import { randomBytes } from 'node:crypto';
import { GROUP } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import { buildClaim, Claim, type ClaimOptions } from './claim.ts';
import { apply, isAdmitted, list, removeAndWait, type AnyObject, type Ref } from './kube.ts';
import { CLAIM_API } from './names.ts';
import { buildPod, Pod, type PodOptions } from './pod.ts';
import { createBucket, putTexts } from './s3.ts';
import {
  buildClass,
  buildSecret,
  classRef,
  stackKeys,
  type ClassOptions,
} from './storage-class.ts';

export { Claim, type ClaimOptions } from './claim.ts';
export { CLAIM_API, HEAL_MS, READY_MS, REASON_MS, ROOT_PATH, S3_TLS } from './names.ts';
export { Pod, type PodOptions } from './pod.ts';
export { stackKeys } from './storage-class.ts';

export interface ScenarioOptions {
  /** Of all names. What a test breaks on purpose begins with `seeded`, so that the invariant checker knows. */
  prefix?: 't' | 'seeded';
  /** Of the namespace. */
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Of the scenario's class. */
  storageClass?: ClassOptions;
}

/**
 * What Kubernetes takes at most to empty a namespace: after outages of the API server its controller manager waits up to a
 * minute before it asks again.
 */
const NAMESPACE_MS = 180_000;

/** A namespace with a bucket, a Secret and a class of its own: cases run side by side. */
export class Scenario implements AsyncDisposable {
  readonly namespace: string;
  readonly bucket: string;
  readonly className: string;
  /** Every pod that was made. */
  readonly pods: Pod[] = [];
  readonly #classNames: Set<string>;

  constructor(id: string) {
    this.namespace = id;
    this.bucket = id;
    this.className = id;
    this.#classNames = new Set([id]);
  }

  /** Creates the namespace, the bucket with `hello.txt`, the Secret and the class. */
  static async create(title: string, options: ScenarioOptions = {}): Promise<Scenario> {
    const scenario = new Scenario(
      `${options.prefix ?? 't'}-${title}-${randomBytes(3).toString('hex')}`,
    );
    await scenario.describeNamespace(options);
    await createBucket(scenario.bucket);
    await Promise.all([
      scenario.putText('hello.txt', 'hello from the bucket\n'),
      scenario.secret(),
      scenario.storageClass(options.storageClass),
    ]);
    return scenario;
  }

  /** Deletes everything; claims first, as a user would expect it to work. */
  async destroy(): Promise<void> {
    await this.destroyClaims();
    await Promise.all([...this.#classNames].map((name) => removeAndWait(classRef(name))));
    await removeAndWait(this.namespaceRef(), NAMESPACE_MS);
  }

  /** Deletes every claim of the namespace, and waits until they are gone. */
  async destroyClaims(): Promise<void> {
    const claims = await list(CLAIM_API, 'DynamicVolumeClaim', this.namespace);
    await Promise.all(claims.map((claim) => removeAndWait(refOf(claim))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  /** Creates the namespace or sets its labels and annotations. */
  async describeNamespace(options: Pick<ScenarioOptions, 'labels' | 'annotations'>): Promise<void> {
    const { labels = {}, annotations = {} } = options;
    const { metadata, ...ref } = this.namespaceRef();
    await apply({ ...ref, metadata: { ...metadata, labels, annotations } });
  }

  namespaceRef(): Ref {
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
  }

  async putText(key: string, text: string): Promise<void> {
    await this.putBucketText(this.bucket, key, text);
  }

  async putBucketText(bucket: string, key: string, text: string): Promise<void> {
    await putTexts(bucket, { [key]: text });
  }

  /** Creates or changes the Secret of the scenario's classes. */
  async secret(values: Record<string, string> = stackKeys()): Promise<void> {
    await apply(buildSecret(this.secretRef(), values));
  }

  secretRef(): Ref {
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: this.namespace },
    };
  }

  classRef(): Ref {
    return classRef(this.className);
  }

  /** Creates or changes a class; the scenario's own when it has no name. */
  async storageClass(options: ClassOptions = {}): Promise<string> {
    const name = options.name ?? this.className;
    this.#classNames.add(name);
    await apply(buildClass(name, this.namespace, options));
    return name;
  }

  /** Creates a pod without waiting. */
  async pod(options: PodOptions = {}): Promise<Pod> {
    const name = options.name ?? `app-${randomBytes(2).toString('hex')}`;
    const pod = new Pod(await apply(buildPod(name, this, options)));
    this.pods.push(pod);
    return pod;
  }

  /** Waits until a pod could be created: a webhook that is ready is not yet known to every proxy. */
  async waitAdmitting(): Promise<void> {
    const pod = buildPod('probe', this, {});
    await waitUntil('pods are admitted', () => isAdmitted(pod), 60_000);
  }

  /** Creates a pod and waits until its container runs. */
  async runningPod(options: PodOptions = {}): Promise<Pod> {
    const pod = await this.pod(options);
    await pod.waitRunning();
    return pod;
  }

  /** Applies a claim without waiting. */
  async claim(options: ClaimOptions = {}): Promise<Claim> {
    const wanted = buildClaim(this, options);
    const object = await apply(wanted);
    const { apiVersion, kind, metadata } = wanted;
    return new Claim({ apiVersion, kind, metadata }, String(object.metadata?.uid));
  }

  async readyClaim(options: ClaimOptions = {}): Promise<Claim> {
    const claim = await this.claim(options);
    await claim.waitReady();
    return claim;
  }

  /** Mount pods of the scenario's classes, warm ones included. */
  async mountPods(): Promise<AnyObject[]> {
    const all = await list('v1', 'Pod', 'dynvol-mounts');
    return all.filter((pod) =>
      this.#classNames.has(pod.metadata?.annotations?.[`${GROUP}/storage-provider-class`] ?? ''),
    );
  }
}

function refOf(object: AnyObject): Ref {
  return {
    apiVersion: String(object.apiVersion ?? CLAIM_API),
    kind: String(object.kind ?? 'DynamicVolumeClaim'),
    metadata: {
      name: String(object.metadata?.name),
      namespace: String(object.metadata?.namespace),
    },
  };
}
