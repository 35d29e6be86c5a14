// What does a test of the node agent stand on? A host, an agent, mount pods, workloads and a storage, all real.
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type {
  AttachRequest,
  AttachResponse,
  DetachRequest,
  DetachResponse,
  ListResponse,
  MountPodRef,
  SourceReport,
  TargetResult,
} from '../../api/node-agent.ts';
import { buildMountPodRunDir, KUBELET_DIR } from '../../api/paths.ts';
import type { Caller } from './agent-client.ts';
import { AgentProcess } from './agent-process.ts';
import type { Authority } from './certificates.ts';
import { ControlGroup } from './control-group.ts';
import { Host, type Workload } from './host.ts';
import { type Attachment, buildPod, buildSourceKey, type Pod } from './pods.ts';
import { type Service, until } from './processes.ts';
import { buildOwnPrograms, copyRclone, findProgram } from './programs.ts';
import {
  countServedMounts,
  findRclone,
  type RunningMountPod,
  signalRclone,
  waitForRclone,
} from './rclone-process.ts';
import { Storage } from './storage.ts';

export { type Attachment, buildSourceKey, type Pod } from './pods.ts';
export type { RunningMountPod } from './rclone-process.ts';

const CLAIM = { uid: 'claim', namespace: 'default', name: 'claim', generation: 1 };

interface Parts {
  directory: string;
  host: Host;
  storage: Storage;
  agent: AgentProcess;
  controlGroup: ControlGroup;
  programs: { tools: string; rcloneDir: string };
  stack: AsyncDisposableStack;
}

function describe(result: TargetResult | undefined): string {
  return result?.code === '' ? 'ok' : `${result?.code}: ${result?.message}`;
}

/** The whole lab. One for each test file; everything in it ends with it. */
export class Lab implements AsyncDisposable {
  readonly directory: string;
  readonly host: Host;
  readonly storage: Storage;
  readonly #agent: AgentProcess;
  readonly #controlGroup: ControlGroup;
  readonly #programs: { tools: string; rcloneDir: string };
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Parts) {
    this.directory = parts.directory;
    this.host = parts.host;
    this.storage = parts.storage;
    this.#agent = parts.agent;
    this.#controlGroup = parts.controlGroup;
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
    const controlGroup = stack.use(ControlGroup.make());
    const host = stack.use(await Host.start());
    const rcloneDir = copyRclone(directory);
    const { tools, probe } = await buildOwnPrograms(directory);
    const agent = stack.use(await AgentProcess.make({ directory, host, probe }));
    const storage = stack.use(
      await Storage.start(findProgram('versitygw'), join(directory, 'buckets')),
    );
    const programs = { tools, rcloneDir };
    const parts = { directory, host, storage, agent, controlGroup, programs };
    return new Lab({ ...parts, stack: stack.move() });
  }

  get authority(): Authority {
    return this.#agent.authority;
  }

  startAgent(env: Record<string, string> = {}): Promise<Service> {
    return this.#agent.start(env);
  }

  get agent(): Service {
    return this.#agent.service;
  }

  restartAgent(
    signal: NodeJS.Signals = 'SIGTERM',
    env: Record<string, string> = {},
  ): Promise<void> {
    return this.#agent.restart(signal, env);
  }

  startSecondAgent(): Promise<void> {
    return this.#agent.startSecond();
  }

  fingerprint(): Promise<string> {
    return this.#agent.fingerprint();
  }

  get apiAddress(): string {
    return this.#agent.apiAddress;
  }

  get healthUrl(): string {
    return this.#agent.healthUrl;
  }

  closeCallers(): void {
    this.#agent.closeCallers();
  }

  csi(service: 'Node' | 'Identity'): Caller {
    return this.#agent.csi(service);
  }

  registration(): Caller {
    return this.#agent.registration();
  }

  /** The agent API with one of the lab's certificates. */
  api(name = 'controller'): Caller {
    return this.#agent.api(name);
  }

  /** A new directory of the lab, readable by mount pods. */
  makeDirectory(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path);
    return path;
  }

  /** A pod whose volume the kubelet is about to publish. */
  makePod(): Pod {
    return this.findPod(randomUUID());
  }

  /** A pod by its UID. */
  findPod(uid: string): Pod {
    const pod = buildPod(uid);
    this.host.makeDirectory(dirname(pod.targetPath));
    return pod;
  }

  async publish(pod: Pod): Promise<void> {
    await this.csi('Node').call('NodePublishVolume', pod.publishRequest);
  }

  async unpublish(pod: Pod): Promise<void> {
    const { volumeId, targetPath } = pod.publishRequest;
    await this.csi('Node').call('NodeUnpublishVolume', { volumeId, targetPath });
  }

  /** A container of a published pod. */
  async startWorkload(
    pod: Pod,
    volumeMount: { propagation?: 'rslave' | 'rprivate' | 'rshared'; containerId?: string } = {},
  ): Promise<Workload> {
    const made = (randomUUID() + randomUUID()).replaceAll('-', '');
    const { propagation = 'rslave', containerId = made } = volumeMount;
    const group = this.#controlGroup.makeContainer(pod.uid, containerId);
    const { targetPath } = pod;
    const started = await this.host.startWorkload({ targetPath, propagation, group });
    return this.#stack.use({ ...started, containerId });
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

  findRclone(mountPod: RunningMountPod): number {
    return findRclone(mountPod);
  }

  signalRclone(mountPod: RunningMountPod, signal: NodeJS.Signals): number {
    return signalRclone(mountPod, signal);
  }

  /** FUSE mounts that rclone serves in a mount pod. */
  servedMounts(mountPod: RunningMountPod): number {
    return countServedMounts(mountPod);
  }

  waitForRclone(mountPod: RunningMountPod): Promise<void> {
    return waitForRclone(this.host.path(buildMountPodRunDir(mountPod.uid, KUBELET_DIR)));
  }

  waitForNoServedMounts(mountPod: RunningMountPod): Promise<true> {
    return until('rclone serves nothing', () => this.servedMounts(mountPod) === 0);
  }

  /** Attaches one source to one pod, as the worker does; the code of the outcome, or `ok`. */
  async attach(attachment: Attachment): Promise<string> {
    return describe(await this.attachResult(attachment));
  }

  async attachResult(attachment: Attachment): Promise<TargetResult> {
    const { pod, mountPod, s3, replacedMountPods = [] } = attachment;
    const target = {
      podUid: pod.uid,
      mountpoint: attachment.mountpoint ?? 'data',
      readOnly: attachment.readOnly ?? false,
      replacesSourceKey: attachment.replacesSourceKey ?? '',
    };
    const source = {
      sourceKey: buildSourceKey(mountPod, s3, attachment.remounts),
      mountPodUid: mountPod.uid,
      s3,
      writeMode: attachment.writeMode ?? 'sequential',
    };
    const request: AttachRequest = {
      claim: { ...CLAIM, uid: attachment.claimUid ?? CLAIM.uid },
      attachments: [{ ...source, targets: [target] }],
      replacedMountPods: replacedMountPods.map((one) => buildMountPodRef(one, attachment)),
      vanishedClaimUids: attachment.vanishedClaimUids ?? [],
    };
    const response = await this.api().call<AttachResponse>('Attach', request);
    const [result] = response.results;
    if (result === undefined) throw new Error('no result');
    return result;
  }

  async detach(
    attachment: Attachment,
    mountPods: RunningMountPod[] = [attachment.mountPod],
  ): Promise<{ outcome: string; retired: string[] }> {
    const response = await this.detachResponse(attachment, { mountPods });
    return { outcome: describe(response.results[0]), retired: response.retiredMountPods };
  }

  async detachResponse(
    attachment: Attachment,
    change: { mountPods?: RunningMountPod[]; force?: boolean; discardWrites?: boolean } = {},
  ): Promise<DetachResponse> {
    const { pod, mountPod, s3, mountpoint = 'data' } = attachment;
    const { mountPods = [mountPod], force = false, discardWrites = false } = change;
    const sourceKey = buildSourceKey(mountPod, s3, attachment.remounts);
    const request: DetachRequest = {
      claim: { ...CLAIM, uid: attachment.claimUid ?? CLAIM.uid },
      targets: [{ podUid: pod.uid, mountpoint, sourceKey, force }],
      mountPods: mountPods.map((one) => buildMountPodRef(one, attachment)),
      sourceKeys: [],
      discardWrites,
    };
    return await this.api().call<DetachResponse>('Detach', request);
  }

  list(): Promise<ListResponse> {
    return this.api().call<ListResponse>('List', { mountPodUids: [] });
  }

  /** Everything that the agent's Watch tells from now on, with what does not serve now. */
  watch(): SourceReport[] {
    const reports: SourceReport[] = [];
    this.api().watch((report) => reports.push(report));
    return reports;
  }

  /** Rows of the host's mount table that are ours, without what the agent keeps for itself. */
  async mounts(): Promise<string[]> {
    const rows = (await this.host.mountinfo()).split('\n').map((row) => row.split(' ')[4] ?? '');
    const own = rows.filter((path) => path.startsWith('/var/lib/') && path.split('/').length > 4);
    return own.filter(
      (path) => !path.startsWith(`${KUBELET_DIR}/pods/`) || path.includes('/kubernetes.io~csi/'),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function buildMountPodRef(
  { uid, sharingKey }: RunningMountPod,
  { writeMode = 'sequential' }: Attachment,
): MountPodRef {
  return { uid, sharingKey, writeMode };
}
