// What does a soak work on, and how is each step done?
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  COMPONENT_LABEL,
  COMPONENTS,
  MOUNT_POD_LABELS,
  SYSTEM_NAMESPACE,
} from '../../api/names.ts';
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import { list, remove, type AnyObject, type Ref } from '../cluster/kube.ts';
import { createBucket, createUser, deleteUser } from '../cluster/s3.ts';
import { S3Gate } from '../cluster/s3-gate.ts';
import { Scenario, type Claim, type Pod } from '../cluster/scenario.ts';
import { waitUntil } from '../wait-until.ts';
import {
  READER_COMMAND,
  startReading,
  STEADY,
  stopReading,
  type ReaderLog,
} from './steady-readers.ts';
import type { Circle, ClaimPlan, PodPlan, Step, StepOf } from './steps.ts';

type Doer<K extends Step['kind']> = (step: StepOf<K>) => Promise<unknown>;

/** Two scenarios on the stack: one that is made to suffer, one whose readers must not notice. */
export class Field implements AsyncDisposable {
  readonly churn: Scenario;
  readonly claims = new Map<string, Claim>();
  readonly #steady: Scenario;
  readonly #gate: S3Gate;
  readonly #pods = new Map<string, Pod>();
  readonly #readers: Pod[] = [];
  readonly #steadyClaims: Claim[] = [];
  readonly #users: string[] = [];
  #isReadOnly = false;
  #memoryMi = 50;
  /** Ends of what lasts for a while. */
  readonly #pending = new Set<Promise<unknown>>();

  private constructor(churn: Scenario, steady: Scenario, gate: S3Gate) {
    this.churn = churn;
    this.#steady = steady;
    this.#gate = gate;
  }

  static async create(): Promise<Field> {
    const [churn, steady, gate] = await Promise.all([
      Scenario.create('soak'),
      Scenario.create('steady'),
      S3Gate.open(),
    ]);
    const field = new Field(churn, steady, gate);
    await createBucket(field.#bucket(1));
    await churn.putBucketText(field.#bucket(1), 'hello.txt', 'hello from the other bucket\n');
    await field.#startReaders();
    return field;
  }

  /** Does what a step says; what takes time goes on by itself. */
  async take(step: Step): Promise<void> {
    const doer = this.#doers[step.kind] as (step: Step) => Promise<unknown>;
    await doer(step);
  }

  /** Waits for the end of what was begun for a while. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Ends the readers; what each has seen. */
  async stopReaders(): Promise<ReaderLog[]> {
    return await Promise.all(this.#readers.map(stopReading));
  }

  get scenarios(): Scenario[] {
    return [this.churn, this.#steady];
  }

  /** Asks all claims and pods to go. */
  async clear(): Promise<void> {
    const claims = [...this.claims.values(), ...this.#steadyClaims];
    await Promise.all(claims.map((claim) => claim.delete(120_000)));
    await Promise.all([...this.churn.pods, ...this.#steady.pods].map((pod) => pod.delete()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.release();
    await this.settle();
    await Promise.all(this.scenarios.map((scenario) => scenario.destroy()));
    await this.#gate[Symbol.asyncDispose]();
    await Promise.all(this.#users.map(deleteUser));
  }

  readonly #doers: { [K in Step['kind']]: Doer<K> } = {
    createPod: (step) => this.#createPod(step),
    deletePod: ({ pod }) => this.#takePod(pod, (one) => one.remove()),
    deletePodByForce: ({ pod }) => this.#takePod(pod, (one) => one.deleteByForce()),
    relabelPod: async ({ pod, team }) => await this.#pods.get(pod)?.label({ team }),
    createClaim: (step) => this.#applyClaim(step),
    editClaim: (step) => this.#applyClaim(step),
    deleteClaim: async ({ claim }) => {
      await this.claims.get(claim)?.remove();
      this.claims.delete(claim);
    },
    detachClaim: ({ claim }) => this.#signal(this.claims.get(claim), 'detach'),
    attachClaim: ({ claim }) => this.#signal(this.claims.get(claim), 'attach'),
    remountClaim: ({ claim }) => this.#signal(this.claims.get(claim), 'remount'),
    remountSteady: () =>
      Promise.all(this.#steadyClaims.map((claim) => this.#signal(claim, 'remount'))),
    toggleSteady: async () => {
      this.#isReadOnly = !this.#isReadOnly;
      await this.#applySteady(STEADY.read, { readOnly: this.#isReadOnly });
    },
    killMountProcess: async ({ pod }) => {
      for (const pid of await this.#findMountProcesses(pod)) process.kill(pid, 'SIGKILL');
    },
    hangMountProcess: ({ pod, seconds }) => this.#hang(pod, seconds),
    deleteMountPod: async ({ pod }) => {
      for (const mountPod of await this.#findMountPods(pod)) await remove(refOf(mountPod));
    },
    killAgent: ({ node }) => killComponent(COMPONENTS.agent, node),
    deleteAgent: async ({ node }) => {
      for (const agent of await listComponent(COMPONENTS.agent, node)) await remove(refOf(agent));
    },
    killController: () => killComponent(COMPONENTS.controller),
    holdS3: ({ seconds }) => this.#withoutS3(seconds, () => this.#gate.hold('everything')),
    refuseS3: ({ seconds }) => this.#withoutS3(seconds, () => this.#gate.refuse()),
    changeClass: ({ circle }) => this.#changeClass(circle),
    rotateSecret: ({ circle }) => this.#rotateSecret(circle),
  };

  #bucket(index: 0 | 1): string {
    return index === 0 ? this.churn.bucket : `${this.churn.bucket}-other`;
  }

  #scenario(circle: Circle): Scenario {
    return circle === 'churn' ? this.churn : this.#steady;
  }

  async #createPod({ pod, node, team, dispatchPolicy }: PodPlan): Promise<void> {
    const options = { name: pod, nodeName: node, labels: { team }, dispatchPolicy };
    this.#pods.set(pod, await this.churn.pod(options));
  }

  async #takePod(name: string, take: (pod: Pod) => Promise<void>): Promise<void> {
    const pod = this.#pods.get(name);
    this.#pods.delete(name);
    if (pod) await take(pod);
  }

  async #applyClaim({
    claim,
    team,
    mountpoint,
    bucket,
    readOnly,
    gated,
  }: ClaimPlan): Promise<void> {
    const applied = await this.churn.claim({
      name: claim,
      selector: { team },
      mountpoint,
      readOnly,
      bucket: this.#bucket(bucket),
      ...(gated ? { endpoint: this.#gate.endpoint } : {}),
    });
    this.claims.set(claim, applied);
  }

  async #applySteady(place: string, options: { readOnly?: boolean }): Promise<Claim> {
    const bucket = place === STEADY.read ? this.#keptBucket : this.#steady.bucket;
    const mountpoint = `/${place}`;
    return await this.#steady.claim({ name: place, mountpoint, bucket, ...options });
  }

  /** Named so that nobody may write to it, though a claim could. */
  get #keptBucket(): string {
    return `${this.#steady.bucket}-kept`;
  }

  async #startReaders(): Promise<void> {
    await createBucket(this.#keptBucket);
    await this.#steady.putBucketText(this.#keptBucket, 'hello.txt', 'hello\n');
    await this.#steady.putText('written/hello.txt', 'hello\n');
    const pods = ['node1', 'node2'].map((nodeName) =>
      this.#steady.runningPod({ name: `reader-${nodeName}`, nodeName, command: READER_COMMAND }),
    );
    this.#readers.push(...(await Promise.all(pods)));
    for (const place of Object.values(STEADY)) {
      this.#steadyClaims.push(await this.#applySteady(place, { readOnly: false }));
    }
    await Promise.all(this.#steadyClaims.map((claim) => claim.waitAttached(2)));
    await Promise.all(this.#readers.map(startReading));
  }

  /** A claim that was just made may not have its workflow yet. */
  async #signal(claim: Claim | undefined, name: string): Promise<void> {
    if (!claim) return;
    await waitUntil(`${claim.workflowId} takes ${name}`, async () => {
      const isSent = await claim.workflow.signal(name).then(
        () => true,
        () => false,
      );
      return isSent;
    });
  }

  async #findMountPods(name: string): Promise<AnyObject[]> {
    const pod = this.#pods.get(name);
    if (!pod) return [];
    const mountPods = await this.churn.mountPods();
    const keys = new Set(
      await Promise.all(
        (await seenKeys(pod)).map((place) => pod.sharingKey(place).catch(() => '')),
      ),
    );
    return mountPods.filter(({ metadata }) =>
      keys.has(metadata?.labels?.[MOUNT_POD_LABELS.sharingKey] ?? ''),
    );
  }

  async #findMountProcesses(name: string): Promise<number[]> {
    const mountPods = await this.#findMountPods(name);
    const processes = await Promise.all(
      mountPods.map(({ metadata }) => listPodProcesses(metadata?.uid)),
    );
    return processes
      .flat()
      .filter(({ command }) => command === 'rclone')
      .map(({ pid }) => pid);
  }

  async #hang(name: string, seconds: number | undefined): Promise<void> {
    const pids = await this.#findMountProcesses(name);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    if (seconds === undefined) return;
    this.#later(seconds, () => pids.forEach(continueProcess));
  }

  async #withoutS3(seconds: number, take: () => void): Promise<void> {
    take();
    this.#later(seconds, () => this.#gate.release());
    await Promise.resolve();
  }

  #later(seconds: number, end: () => void): void {
    const pending = delay(seconds * 1_000).then(end);
    this.#pending.add(pending);
    void pending.finally(() => this.#pending.delete(pending));
  }

  async #changeClass(circle: Circle): Promise<void> {
    this.#memoryMi = this.#memoryMi === 50 ? 60 : 50;
    const memory = `${this.#memoryMi}Mi`;
    await this.#scenario(circle).storageClass({
      parameters: { memoryRequest: memory, memoryLimit: memory },
    });
  }

  async #rotateSecret(circle: Circle): Promise<void> {
    const [key, secret] = [randomBytes(8).toString('hex'), randomBytes(16).toString('hex')];
    await createUser(key, secret, 'admin');
    this.#users.push(key);
    await this.#scenario(circle).secret({ 'access-key-id': key, 'secret-access-key': secret });
  }
}

/** Mountpoints below the volume root where the pod sees storage now; none while it does not run. */
async function seenKeys(pod: Pod): Promise<string[]> {
  const mounts = await pod.seenMounts().catch(() => []);
  return mounts.map(({ mountpoint }) => mountpoint.split('/').slice(2).join('/'));
}

function continueProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // has been ended meanwhile, which is what happens to what hangs for long
  }
}

async function listComponent(component: string, node?: string): Promise<AnyObject[]> {
  const pods = await list('v1', 'Pod', SYSTEM_NAMESPACE, `${COMPONENT_LABEL}=${component}`);
  return pods.filter((pod) => node === undefined || pod['spec'].nodeName === node);
}

/** A kubelet waits longer and longer before it starts a container again. */
const MAX_RESTARTS = 2;

/** Ends the first process of its pods, as a crash does; a pod that has crashed often is replaced. */
async function killComponent(component: string, node?: string): Promise<void> {
  for (const pod of await listComponent(component, node)) {
    const [first] = (await listPodProcesses(pod.metadata?.uid)).toSorted((a, b) => a.pid - b.pid);
    const restarts = Number(pod['status']?.containerStatuses?.[0]?.restartCount ?? 0);
    if (first) process.kill(first.pid, 'SIGKILL');
    if (restarts >= MAX_RESTARTS) await remove(refOf(pod));
  }
}

function refOf(pod: AnyObject): Ref {
  const { name, namespace } = pod.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: String(name), namespace: String(namespace) },
  };
}
