// What does a test of the node agent stand on? A host, an agent, mount pods, workloads and a storage, all real.
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  openSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { DRIVER_NAME, TLS_IDENTITIES, VOLUME_ATTRIBUTES } from '../../api/names.ts';
import type { AttachResponse, DetachResponse, S3Storage } from '../../api/node-agent.ts';
import { buildMountPodRunDir, KUBELET_DIR } from '../../api/paths.ts';
import { buildVolumeHandle } from '../../csi-node/publish-request.ts';
import { callRemoteControl } from '../../csi-node/remote-control.ts';
import { type Caller, dialAgent, dialSocket, PROTO_DIR } from './agent-client.ts';
import { Authority } from './certificates.ts';
import { Host, type Workload } from './host.ts';
import { type Service, until } from './processes.ts';
import { buildOwnPrograms, copyRclone, findProgram } from './programs.ts';
import { findFreePort, Storage } from './storage.ts';

const AGENT = join(import.meta.dirname, '../../csi-node/main.ts');
const VOLUME_NAME = 'dynamic-volume-root-path';
const CSI_SOCKET = `${KUBELET_DIR}/plugins/${DRIVER_NAME}/csi.sock`;
const REGISTRATION_SOCKET = `${KUBELET_DIR}/plugins_registry/${DRIVER_NAME}-reg.sock`;

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed while we looked
  }
}

/** A workload pod as the kubelet knows it. */
export interface Pod {
  uid: string;
  targetPath: string;
  publishRequest: {
    volumeId: string;
    targetPath: string;
    readonly: boolean;
    volumeCapability: object;
    volumeContext: Record<string, string>;
  };
}

/** A mount pod that runs. */
export interface RunningMountPod {
  uid: string;
  sharingKey: string;
  service: Service;
}

/** One thing to attach; `bucket` also gives the source key. */
export interface Attachment {
  pod: Pod;
  mountPod: RunningMountPod;
  s3: S3Storage;
  mountpoint?: string;
  readOnly?: boolean;
  replacesSourceKey?: string;
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex').padEnd(16, '0').slice(0, 32);
}

/** The source key of a bucket on a mount pod. */
export function buildSourceKey(mountPod: { sharingKey: string }, s3: S3Storage): string {
  return `${mountPod.sharingKey}.${hex(s3.bucket)}`;
}

/** The whole lab. One for each test file; everything in it ends with it. */
export class Lab implements AsyncDisposable {
  readonly directory: string;
  readonly host: Host;
  readonly storage: Storage;
  readonly authority: Authority;
  readonly #ports: { api: number; health: number };
  readonly #programs: { tools: string; probe: string; rcloneDir: string };
  readonly #stack: AsyncDisposableStack;
  #agent: Service | undefined;
  readonly #callers: Caller[] = [];
  readonly #apiCallers = new Map<string, Caller>();

  private constructor(parts: {
    directory: string;
    host: Host;
    storage: Storage;
    authority: Authority;
    ports: { api: number; health: number };
    programs: { tools: string; probe: string; rcloneDir: string };
    stack: AsyncDisposableStack;
  }) {
    this.directory = parts.directory;
    this.host = parts.host;
    this.storage = parts.storage;
    this.authority = parts.authority;
    this.#ports = parts.ports;
    this.#programs = parts.programs;
    this.#stack = parts.stack;
  }

  /** Builds and starts everything but the agent. */
  static async make(): Promise<Lab> {
    await using stack = new AsyncDisposableStack();
    const directory = mkdtempSync(join(tmpdir(), 'dynvol-lab-'));
    stack.defer(() => rmSync(directory, { recursive: true, force: true }));
    // Mount pods run as nobody and read the authority's certificate here.
    chmodSync(directory, 0o755);
    mkdirSync(join(directory, 'tls'));
    const host = stack.use(await Host.start());
    const rcloneDir = copyRclone(directory);
    const programs = { ...(await buildOwnPrograms(directory)), rcloneDir };
    const authority = await Authority.make(join(directory, 'tls'));
    await authority.issue('tls', `DNS:${TLS_IDENTITIES.agent}`);
    await authority.issue('controller', `DNS:${TLS_IDENTITIES.controller}`);
    const storage = stack.use(
      await Storage.start(findProgram('versitygw'), join(directory, 'buckets')),
    );
    const ports = { api: await findFreePort(), health: await findFreePort() };
    return new Lab({ directory, host, storage, authority, ports, programs, stack: stack.move() });
  }

  /** Starts the agent in a container of its own. */
  async startAgent(env: Record<string, string> = {}): Promise<Service> {
    const started = await this.host.startAgent([process.execPath, AGENT], {
      PATH: process.env['PATH'],
      NODE_NAME: 'lab-node',
      AGENT_LISTEN: `127.0.0.1:${this.#ports.api}`,
      HEALTH_PORT: String(this.#ports.health),
      TLS_DIR: join(this.directory, 'tls'),
      PROBE_BINARY: this.#programs.probe,
      PROTO_DIR,
      LOG_LEVEL: 'debug',
      ...env,
    });
    this.#agent = started;
    return started;
  }

  get agent(): Service {
    if (this.#agent === undefined) throw new Error('the agent was not started');
    return this.#agent;
  }

  /** Ends the agent (its container with it) and starts another one. */
  async restartAgent(
    signal: NodeJS.Signals = 'SIGTERM',
    env: Record<string, string> = {},
  ): Promise<void> {
    await this.agent.stop(signal);
    this.closeCallers();
    await this.startAgent(env);
  }

  /** Tries to start one more agent beside the running one. */
  async startSecondAgent(): Promise<void> {
    const first = this.#agent;
    try {
      await using _second = await this.startAgent();
    } finally {
      this.#agent = first;
    }
  }

  /** The fingerprint of the certificate that the agent API shows. */
  async fingerprint(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const [host = '', port] = this.apiAddress.split(':');
    const file = (extension: string) =>
      readFileSync(join(this.authority.directory, `controller.${extension}`));
    const tls = { cert: file('crt'), key: file('key'), rejectUnauthorized: false };
    const socket = connect({ host, port: Number(port), ALPNProtocols: ['h2'], ...tls }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
    return await promise;
  }

  /** A new directory of the lab, readable by mount pods. */
  makeDirectory(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path);
    return path;
  }

  get apiAddress(): string {
    return `127.0.0.1:${this.#ports.api}`;
  }

  get healthUrl(): string {
    return `http://127.0.0.1:${this.#ports.health}/healthz`;
  }

  closeCallers(): void {
    for (const caller of this.#callers.splice(0)) caller.close();
    this.#apiCallers.clear();
  }

  #keep(caller: Caller): Caller {
    this.#callers.push(caller);
    return caller;
  }

  /** The agent's CSI services, as the kubelet calls them. */
  csi(service: 'Node' | 'Identity'): Caller {
    return this.#keep(dialSocket(this.host.path(CSI_SOCKET), 'csi.proto', `csi.v1.${service}`));
  }

  registration(): Caller {
    const path = this.host.path(REGISTRATION_SOCKET);
    return this.#keep(dialSocket(path, 'registration.proto', 'pluginregistration.Registration'));
  }

  /** The agent API with one of the lab's certificates. */
  api(name = 'controller'): Caller {
    const file = (extension: string) => join(this.authority.directory, `${name}.${extension}`);
    const files = { ca: this.authority.certificate, crt: file('crt'), key: file('key') };
    const open = this.#apiCallers.get(name);
    if (open !== undefined) return open;
    const caller = this.#keep(dialAgent(this.apiAddress, files, this.authority.certificate));
    this.#apiCallers.set(name, caller);
    return caller;
  }

  /** A pod whose volume the kubelet is about to publish. */
  makePod(): Pod {
    return this.findPod(randomUUID());
  }

  /** A pod by its UID. */
  findPod(uid: string): Pod {
    const targetPath = `${KUBELET_DIR}/pods/${uid}/volumes/kubernetes.io~csi/${VOLUME_NAME}/mount`;
    this.host.makeDirectory(dirname(targetPath));
    const volumeContext = {
      'csi.storage.k8s.io/ephemeral': 'true',
      'csi.storage.k8s.io/pod.uid': uid,
      'csi.storage.k8s.io/pod.name': 'web-0',
      'csi.storage.k8s.io/pod.namespace': 'default',
      [VOLUME_ATTRIBUTES.className]: 'lab-class',
      [VOLUME_ATTRIBUTES.dispatchPolicy]: 'independent',
    };
    const volumeCapability = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };
    const volumeId = buildVolumeHandle(uid, VOLUME_NAME);
    const publishRequest = {
      volumeId,
      targetPath,
      readonly: true,
      volumeCapability,
      volumeContext,
    };
    return { uid, targetPath, publishRequest };
  }

  async publish(pod: Pod): Promise<void> {
    await this.csi('Node').call('NodePublishVolume', pod.publishRequest);
  }

  async unpublish(pod: Pod): Promise<void> {
    const { volumeId, targetPath } = pod.publishRequest;
    await this.csi('Node').call('NodeUnpublishVolume', { volumeId, targetPath });
  }

  /** A container of a published pod. */
  async startWorkload(pod: Pod): Promise<Workload> {
    return this.#stack.use(await this.host.startWorkload(pod.targetPath));
  }

  /** Publishes a new pod and starts its container. */
  async runPod(): Promise<{ pod: Pod; workload: Workload }> {
    const pod = this.makePod();
    await this.publish(pod);
    return { pod, workload: await this.startWorkload(pod) };
  }

  /** Starts a mount pod; it need not listen yet when this returns. */
  async startMountPod(
    change: { uid?: string; sharingKey?: string; firstOnPath?: string; args?: string[] } = {},
  ): Promise<RunningMountPod> {
    const uid = change.uid ?? randomUUID();
    const sharingKey = change.sharingKey ?? uid.replaceAll('-', '').slice(0, 16);
    const service = await this.host.startMountPod(uid, {
      tools: this.#programs.tools,
      rcloneDir: this.#programs.rcloneDir,
      first: change.firstOnPath ?? this.#programs.tools,
      args: ['--buffer-size', '0', ...(change.args ?? [])],
      authority: this.authority.certificate,
    });
    return { uid, sharingKey, service: this.#stack.use(service) };
  }

  /** The process id of a mount pod's rclone, the child of its PID 1; 0 while there is none. */
  findRclone(mountPod: RunningMountPod): number {
    const { pid } = mountPod.service;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return Number(children.split(' ')[0]);
  }

  /** Sends rclone a signal; its pid. Never to pid 0, which would be everybody of our own process group. */
  signalRclone(mountPod: RunningMountPod, signal: NodeJS.Signals): number {
    const rclone = this.findRclone(mountPod);
    if (rclone === 0) throw new Error('rclone does not run');
    process.kill(rclone, signal);
    return rclone;
  }

  /** Attaches one source to one pod, as the worker does; the code of the outcome, or `ok`. */
  async attach(attachment: Attachment): Promise<string> {
    const { code, message } = await this.attachResult(attachment);
    return code === '' ? 'ok' : `${code}: ${message}`;
  }

  async attachResult(attachment: Attachment): Promise<{ code: string; message: string }> {
    const { pod, mountPod, s3 } = attachment;
    const target = {
      podUid: pod.uid,
      mountpoint: attachment.mountpoint ?? 'data',
      readOnly: attachment.readOnly ?? false,
      replacesSourceKey: attachment.replacesSourceKey ?? '',
    };
    const source = { sourceKey: buildSourceKey(mountPod, s3), mountPodUid: mountPod.uid, s3 };
    const response = await this.api().call<AttachResponse>('Attach', {
      claim: { uid: 'claim', namespace: 'default', name: 'claim', generation: 1 },
      attachments: [{ ...source, targets: [target] }],
    });
    const [result] = response.results;
    if (result === undefined) throw new Error('no result');
    return result;
  }

  async detach(
    attachment: Attachment,
    mountPods: RunningMountPod[] = [attachment.mountPod],
  ): Promise<{ outcome: string; retired: string[] }> {
    const { pod, mountPod, s3 } = attachment;
    const sourceKey = buildSourceKey(mountPod, s3);
    const response = await this.api().call<DetachResponse>('Detach', {
      claim: { uid: 'claim', namespace: 'default', name: 'claim', generation: 1 },
      targets: [{ podUid: pod.uid, mountpoint: attachment.mountpoint ?? 'data', sourceKey }],
      mountPods: mountPods.map(({ uid, sharingKey }) => ({ uid, sharingKey })),
    });
    const result = response.results[0];
    const outcome = result?.code === '' ? 'ok' : `${result?.code}: ${result?.message}`;
    return { outcome, retired: response.retiredMountPods };
  }

  /** Rows of the host's mount table that are ours, without what the agent keeps for itself. */
  async mounts(): Promise<string[]> {
    const rows = (await this.host.mountinfo()).split('\n').map((row) => row.split(' ')[4] ?? '');
    const own = rows.filter((path) => path.startsWith('/var/lib/') && path.split('/').length > 4);
    return own.filter(
      (path) => !path.startsWith(`${KUBELET_DIR}/pods/`) || path.includes('/kubernetes.io~csi/'),
    );
  }

  /**
   * FUSE mounts that rclone serves in a mount pod, by the descriptors that it holds. Its own list now and then
   * keeps a mount that ended at the moment it was entered there.
   */
  servedMounts(mountPod: RunningMountPod): number {
    const rclone = this.findRclone(mountPod);
    if (rclone === 0) throw new Error('rclone does not run');
    const folder = `/proc/${rclone}/fd`;
    return readdirSync(folder).filter((fd) => readLink(`${folder}/${fd}`).endsWith('/dev/fuse'))
      .length;
  }

  /** Waits until rclone answers on its remote control. */
  async waitForRclone(mountPod: RunningMountPod): Promise<void> {
    // A socket's path has at most 107 bytes.
    const runDir = openSync(this.host.path(buildMountPodRunDir(mountPod.uid)), 'r');
    try {
      const socketPath = `/proc/self/fd/${runDir}/rc.sock`;
      const signal = AbortSignal.timeout(10_000);
      const noop = { socketPath, command: 'rc/noop', parameters: {}, signal };
      await until('rclone answers', () =>
        callRemoteControl(noop).then(
          () => true,
          () => false,
        ),
      );
    } finally {
      closeSync(runDir);
    }
  }

  waitForNoServedMounts(mountPod: RunningMountPod): Promise<true> {
    return until('rclone serves nothing', () => this.servedMounts(mountPod) === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeCallers();
    await this.#agent?.stop('SIGKILL');
    await this.#stack.disposeAsync();
  }
}
