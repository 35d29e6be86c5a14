// What can a cluster test do and see, in the words of the field?
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { API_VERSION, CLASS_PARAMETERS, GROUP, POD_ANNOTATIONS } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import { apply, find, list, removeAndWait, waitFor, type AnyObject, type Ref } from './kube.ts';
import { run, runOk, type Outcome } from './programs.ts';
import { createBucket, putObject } from './s3.ts';

export const ROOT_PATH = '/volumes';
export const S3_TLS = 'https://s3.storage.svc';
export const CLAIM_API = `${GROUP}/${API_VERSION}`;
const image = 'dynvol/busybox:0.1.0';

/** Times in issues bound how long a test waits; nothing here asserts speed. */
export const READY_MS = 60_000;
export const REASON_MS = 15_000;
export const HEAL_MS = 45_000;

export interface PodOptions {
  name?: string;
  labels?: Record<string, string>;
  className?: string;
  annotated?: boolean;
  rootPath?: string;
  securityContext?: Record<string, unknown>;
  namespace?: string;
}

export interface ClaimOptions {
  name?: string;
  selector?: Record<string, string>;
  mountpoint?: string;
  bucket?: string;
  endpoint?: string;
  readOnly?: boolean;
  className?: string;
}

/** A namespace with a bucket, a Secret and a class of its own: cases run side by side. */
export class Scenario {
  readonly namespace: string;
  readonly bucket: string;
  readonly className: string;

  constructor(id: string) {
    this.namespace = id;
    this.bucket = id;
    this.className = id;
  }

  /** Creates the namespace, the bucket with `hello.txt`, the Secret and the class. */
  static async create(title: string): Promise<Scenario> {
    const scenario = new Scenario(`t-${title}-${randomBytes(3).toString('hex')}`);
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.namespace } });
    await createBucket(scenario.bucket);
    await Promise.all([
      scenario.putText('hello.txt', 'hello from the bucket\n'),
      scenario.secret(),
      scenario.storageClass(),
    ]);
    return scenario;
  }

  /** Deletes everything; claims first, as a user would expect it to work. */
  async destroy(): Promise<void> {
    const claims = await list(CLAIM_API, 'DynamicVolumeClaim', this.namespace);
    await Promise.all(claims.map((claim) => removeAndWait(refOf(claim))));
    await removeAndWait(this.classRef());
    await removeAndWait({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: this.namespace },
    });
  }

  async putText(key: string, text: string): Promise<void> {
    await this.putBucketText(this.bucket, key, text);
  }

  async putBucketText(bucket: string, key: string, text: string): Promise<void> {
    const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-test-'));
    await writeFile(path.join(folder, 'object'), text);
    await putObject(bucket, key, path.join(folder, 'object'));
    await rm(folder, { recursive: true });
  }

  async secret(data: Record<string, string> = stackKeys()): Promise<void> {
    await removeAndWait(this.secretRef());
    await apply({ ...this.secretRef(), stringData: data });
  }

  secretRef(): Ref {
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: this.namespace },
    };
  }

  classRef(): Ref {
    return {
      apiVersion: CLAIM_API,
      kind: 'StorageProviderClass',
      metadata: { name: this.className },
    };
  }

  /** A class with 50Mi and no CPU limit. */
  async storageClass(): Promise<void> {
    await apply({
      ...this.classRef(),
      spec: {
        provider: 's3',
        parameters: {
          [CLASS_PARAMETERS.secretName]: 'keys',
          [CLASS_PARAMETERS.secretNamespace]: this.namespace,
          [CLASS_PARAMETERS.cpuRequest]: '10m',
          [CLASS_PARAMETERS.memoryRequest]: '50Mi',
          [CLASS_PARAMETERS.memoryLimit]: '50Mi',
        },
      },
    });
  }

  /** Creates a pod without waiting. */
  async pod(options: PodOptions = {}): Promise<Pod> {
    const name = options.name ?? `app-${randomBytes(2).toString('hex')}`;
    const object = await apply(buildPod(name, this, options));
    return new Pod(object);
  }

  /** Creates a pod and waits until its container runs. */
  async runningPod(options: PodOptions = {}): Promise<Pod> {
    const pod = await this.pod(options);
    await pod.waitRunning();
    return pod;
  }

  /** Applies a claim without waiting. */
  async claim(options: ClaimOptions = {}): Promise<Claim> {
    const ref: Ref = {
      apiVersion: CLAIM_API,
      kind: 'DynamicVolumeClaim',
      metadata: { name: options.name ?? 'data', namespace: this.namespace },
    };
    const object = await apply({
      ...ref,
      spec: {
        selector: { matchLabels: options.selector ?? { app: 'web' } },
        mountpoint: options.mountpoint ?? '/data',
        s3Config: {
          bucket: options.bucket ?? this.bucket,
          endpoint: options.endpoint ?? S3_TLS,
        },
        ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly }),
        ...(options.className === undefined ? {} : { storageProviderClassName: options.className }),
      },
    });
    return new Claim(ref, String(object.metadata?.uid));
  }

  async readyClaim(options: ClaimOptions = {}): Promise<Claim> {
    const claim = await this.claim(options);
    await claim.waitReady();
    return claim;
  }
}

/** Keys of the stack's S3 that may do everything. */
export function stackKeys(): Record<string, string> {
  return {
    'access-key-id': process.env['AWS_ACCESS_KEY_ID'] ?? '',
    'secret-access-key': process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
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

function buildPod(name: string, scenario: Scenario, options: PodOptions): AnyObject {
  const annotations =
    options.annotated === false
      ? {}
      : {
          [POD_ANNOTATIONS.className]: options.className ?? scenario.className,
          [POD_ANNOTATIONS.rootPath]: options.rootPath ?? ROOT_PATH,
        };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: options.namespace ?? scenario.namespace,
      labels: options.labels ?? { app: 'web' },
      annotations,
    },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'app',
          image,
          command: ['sleep', 'infinity'],
          ...(options.securityContext ? { securityContext: options.securityContext } : {}),
        },
      ],
    },
  };
}

/** A workload pod. */
export class Pod {
  readonly ref: Ref;
  readonly uid: string;

  constructor(object: AnyObject) {
    this.ref = { ...refOf(object), apiVersion: 'v1', kind: 'Pod' };
    this.uid = String(object.metadata?.uid);
  }

  get name(): string {
    return this.ref.metadata.name;
  }

  async waitRunning(): Promise<void> {
    await waitFor(
      this.ref,
      'runs',
      (pod) => pod.status?.containerStatuses?.[0]?.state?.running !== undefined,
      READY_MS,
    );
  }

  /** Runs a shell line inside the container. */
  async shell(line: string): Promise<Outcome> {
    return await run('kubectl', [
      'exec',
      `--namespace=${this.ref.metadata.namespace}`,
      this.name,
      '--',
      'sh',
      '-c',
      line,
    ]);
  }

  /** Runs a shell line that must succeed; its output. */
  async shellOk(line: string): Promise<string> {
    const outcome = await this.shell(line);
    if (outcome.status === 0) return outcome.stdout;
    throw new Error(`"${line}" in ${this.name} ended with ${outcome.status}: ${outcome.stderr}`);
  }

  /** Mountpoints of FUSE mounts as the container itself sees them. */
  async fuseMounts(): Promise<string[]> {
    const table = await this.shellOk('cat /proc/self/mountinfo');
    return table
      .split('\n')
      .filter((line) => line.includes(' - fuse'))
      .map((line) => line.split(' ')[4] ?? '');
  }

  /** Restart count and container id: unchanged means that the container is the same. */
  async identity(): Promise<string> {
    const pod = await find(this.ref);
    const status = pod?.status?.containerStatuses?.[0];
    return JSON.stringify([pod?.metadata?.uid, status?.containerID, status?.restartCount]);
  }

  async delete(): Promise<void> {
    await removeAndWait(this.ref);
  }

  /** Mount pods that serve this pod. */
  async mountPods(): Promise<AnyObject[]> {
    return await list('v1', 'Pod', 'dynvol-mounts', `${GROUP}/workload-pod-uid=${this.uid}`);
  }

  async waitNoMountPods(): Promise<void> {
    await waitUntil(
      `no mount pod of ${this.name} is left`,
      async () => (await this.mountPods()).length === 0,
    );
  }
}

/** A DynamicVolumeClaim. */
export class Claim {
  readonly ref: Ref;
  readonly uid: string;

  constructor(ref: Ref, uid: string) {
    this.ref = ref;
    this.uid = uid;
  }

  get workflowId(): string {
    return `dvc/${this.ref.metadata.namespace}/${this.ref.metadata.name}/${this.uid}`;
  }

  async ready(): Promise<AnyObject | undefined> {
    const claim = await find(this.ref);
    return readyCondition(claim);
  }

  async waitReady(timeoutMs = READY_MS): Promise<void> {
    await waitFor(this.ref, 'is Ready', (claim) => isReady(claim), timeoutMs);
  }

  /** Waits for Ready=False with this reason; the condition's message. */
  async waitReason(reason: string, timeoutMs = REASON_MS): Promise<string> {
    const claim = await waitFor(
      this.ref,
      `says ${reason}`,
      (seen) => readyCondition(seen)?.reason === reason && readyCondition(seen)?.status !== 'True',
      timeoutMs,
    );
    return String(readyCondition(claim)?.message);
  }

  async delete(timeoutMs = READY_MS): Promise<void> {
    await removeAndWait(this.ref, timeoutMs);
  }

  /** State of the claim's workflow as Temporal tells it. */
  async workflowStatus(): Promise<string> {
    const text = await runOk('temporal', [
      'workflow',
      'describe',
      '--workflow-id',
      this.workflowId,
      '--output',
      'json',
    ]);
    return String(JSON.parse(text).workflowExecutionInfo?.status);
  }

  async waitWorkflowCompleted(): Promise<void> {
    await waitUntil(`workflow ${this.workflowId} is completed`, async () =>
      (await this.workflowStatus()).endsWith('COMPLETED'),
    );
  }
}

function readyCondition(claim: AnyObject | undefined): AnyObject | undefined {
  const conditions = (claim?.status?.conditions ?? []) as AnyObject[];
  return conditions.find((condition) => condition['type'] === 'Ready');
}

function isReady(claim: AnyObject): boolean {
  return (
    readyCondition(claim)?.status === 'True' &&
    claim.status?.observedGeneration === claim.metadata?.generation
  );
}
