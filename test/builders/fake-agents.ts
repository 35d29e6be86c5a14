// Node agents in memory: they keep a mount table and the sources that are staged.
import { parseSharingKey } from '../../api/node-agent.ts';
import type {
  AttachRequest,
  DetachRequest,
  ListRequest,
  ListResponse,
  MountPodStatistics,
  MountPodThrottling,
  ProcessRef,
  SourceReport,
  SourceStatistics,
  StatisticsRequest,
  TargetResult,
} from '../../api/node-agent.ts';
import { VolumeError } from '../../api/errors.ts';
import type { ErrorCode } from '../../api/errors.ts';
import type { CallOptions, NodeAgents } from '../../activities/node-agents.ts';

interface Mount {
  sourceKey: string;
  readOnly: boolean;
  mountPodUid: string;
  bucket: string;
  node: string;
}

/** What a storage client tells; the same of each of its sources. */
export type FakeStatistics = Omit<
  SourceStatistics & MountPodStatistics,
  'sourceKey' | 'mountPodUid'
>;

/** Behaves as csi-node does, and fails or waits when it is told to. */
export class FakeAgents implements NodeAgents {
  /** By `<pod UID>/<mountpoint>`. */
  readonly mounts = new Map<string, Mount>();
  /** Source keys that are staged, with their mount pod. */
  readonly staged = new Map<string, string>();
  /** Nodes of the sources that attaching has staged; others are on `node1`. */
  readonly #stagedOn = new Map<string, string>();
  readonly retired = new Set<string>();
  /** `attach`, `detach` and `aborted`, in order. */
  readonly calls: string[] = [];
  readonly attachRequests: AttachRequest[] = [];
  readonly detachRequests: DetachRequest[] = [];
  /** What attaching answers, asked anew each time; undefined attaches. */
  failAttach: (request: AttachRequest) => ErrorCode | undefined = () => undefined;
  /** A claim that still has the mountpoint of every target; "" for none. */
  ownerUid = '';
  failDetach: (request: DetachRequest) => ErrorCode | undefined = () => undefined;
  /** Attaching waits for this. */
  attachGate: () => Promise<void> = () => Promise.resolve();
  isUnreachable = false;
  /** Nodes whose agent alone does not answer. */
  readonly unreachableNodes = new Set<string>();
  /** Who holds a mount when detaching answers `IN_USE`. */
  holders: ProcessRef[] = [];
  throttling: MountPodThrottling[] = [];
  /** By UID of the mount pod; one that is not in here does not answer. */
  readonly statistics = new Map<string, FakeStatistics>();
  /** Does a mount pod still serve? A source that is served is kept, whatever mount pod a request names. */
  isAlive: (mountPodUid: string) => boolean = () => true;

  async attach(node: string, request: AttachRequest, options: CallOptions) {
    this.calls.push('attach');
    this.attachRequests.push(structuredClone(request));
    this.#refuseIfUnreachable(node);
    await this.#unlessAborted(this.attachGate(), options.signal);
    const code = this.failAttach(request);
    const results = request.attachments.flatMap((attachment) =>
      attachment.targets.map((target): TargetResult => {
        const { podUid, mountpoint, readOnly, replacesSourceKey } = target;
        const answer = (failed: ErrorCode | '') =>
          buildResult(target, failed, failed && `${failed} in ${attachment.s3.bucket}`);
        if (code) return answer(code);
        if (this.ownerUid !== '' && !request.vanishedClaimUids.includes(this.ownerUid))
          return { ...answer('MOUNTPOINT_OCCUPIED'), ownerUid: this.ownerUid };
        if (this.retired.has(attachment.mountPodUid)) return answer('MOUNT_POD_RETIRED');
        const path = `${podUid}/${mountpoint}`;
        const former = this.mounts.get(path)?.sourceKey ?? '';
        const { sourceKey } = attachment;
        const serving = this.staged.get(sourceKey);
        const mountPodUid =
          serving !== undefined && this.isAlive(serving) ? serving : attachment.mountPodUid;
        if (former && former !== sourceKey && former !== replacesSourceKey) {
          return answer('MOUNTPOINT_OCCUPIED');
        }
        this.staged.set(sourceKey, mountPodUid);
        const { bucket } = attachment.s3;
        this.#stagedOn.set(sourceKey, node);
        this.mounts.set(path, { sourceKey, readOnly, mountPodUid, bucket, node });
        return answer('');
      }),
    );
    return { results, throttling: this.throttling };
  }

  async detach(node: string, request: DetachRequest, _options: CallOptions) {
    this.calls.push('detach');
    this.detachRequests.push(structuredClone(request));
    this.#refuseIfUnreachable(node);
    const code = this.failDetach(request);
    const results = request.targets.map((target): TargetResult => {
      const { podUid, mountpoint, sourceKey, force } = target;
      if (code && !(force && code === 'IN_USE')) {
        const processes = code === 'IN_USE' ? this.holders : [];
        return { ...buildResult(target, code, `${code} at ${mountpoint}`), processes };
      }
      const path = `${podUid}/${mountpoint}`;
      if (this.mounts.get(path)?.sourceKey === sourceKey) this.mounts.delete(path);
      return { ...buildResult(target, '', ''), rung: force ? 'abort' : 'plain' };
    });
    if (results.some((result) => result.code !== '')) return { results, retiredMountPods: [] };
    this.#release();
    const retiredMountPods = request.mountPods
      .filter(
        ({ sharingKey }) =>
          ![...this.staged.keys()].some((key) => parseSharingKey(key) === sharingKey),
      )
      .map(({ uid }) => uid);
    for (const uid of retiredMountPods) this.retired.add(uid);
    return { results, retiredMountPods };
  }

  async list(node: string, _request: ListRequest, _options: CallOptions): Promise<ListResponse> {
    this.calls.push('list');
    this.#refuseIfUnreachable(node);
    const here = [...this.mounts].filter(([, mount]) => mount.node === node);
    const mounts = here.map(([path, { sourceKey, readOnly }]) => {
      const [podUid = '', ...mountpoint] = path.split('/');
      return { podUid, mountpoint: mountpoint.join('/'), sourceKey, readOnly };
    });
    return {
      mounts,
      stagedSourceKeys: [...this.staged.keys()].filter(
        (key) => (this.#stagedOn.get(key) ?? 'node1') === node,
      ),
      publishedPodUids: [...new Set(mounts.map((mount) => mount.podUid))],
      throttling: this.throttling,
    };
  }

  async readStatistics(node: string, { mountPodUids }: StatisticsRequest, options: CallOptions) {
    const { mounts, throttling } = await this.list(node, { mountPodUids }, options);
    const here = [...this.mounts.values()].filter((mount) => mount.node === node);
    const told = mountPodUids.flatMap((mountPodUid) => {
      const one = this.statistics.get(mountPodUid);
      return one ? [{ ...one, mountPodUid }] : [];
    });
    const sources = told.flatMap(({ transferredBytes: _bytes, errors: _errors, ...source }) => {
      const served = here.filter((mount) => mount.mountPodUid === source.mountPodUid);
      const keys = new Set(served.map(({ sourceKey }) => sourceKey));
      return [...keys].map((sourceKey) => ({ ...source, sourceKey }));
    });
    const mountPods = told.map(({ mountPodUid, transferredBytes, errors }) => {
      return { mountPodUid, transferredBytes, errors };
    });
    return { sources, mountPods, throttling, mounts };
  }

  /** Nodes that are watched now, and how often a watch was opened. */
  readonly watchers: { node: string; send(report: SourceReport | Error): void }[] = [];
  watchesOpened = 0;

  async *watch(
    node: string,
    { signal }: Pick<CallOptions, 'signal'>,
  ): AsyncGenerator<SourceReport, void> {
    this.watchesOpened++;
    this.#refuseIfUnreachable(node);
    let next = Promise.withResolvers<SourceReport>();
    const queue = [next];
    const send = (report: SourceReport | Error) => {
      if (report instanceof Error) next.reject(report);
      else next.resolve(report);
      next.promise.catch(() => undefined);
      next = Promise.withResolvers<SourceReport>();
      queue.push(next);
    };
    const watcher = { node, send };
    this.watchers.push(watcher);
    signal.addEventListener('abort', () => send(signal.reason as Error), { once: true });
    try {
      for (let first = queue[0]; first; first = queue[0]) {
        yield await first.promise;
        queue.shift();
      }
    } finally {
      this.watchers.splice(this.watchers.indexOf(watcher), 1);
    }
  }

  close(): void {}

  #release(): void {
    const used = new Set([...this.mounts.values()].map((mount) => mount.sourceKey));
    for (const key of this.staged.keys()) if (!used.has(key)) this.staged.delete(key);
  }

  #refuseIfUnreachable(node: string): void {
    if (this.isUnreachable || this.unreachableNodes.has(node))
      throw new VolumeError('AGENT_UNREACHABLE', `No agent on ${node}`);
  }

  async #unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_resolve, reject) => {
      const abort = () => {
        this.calls.push('aborted');
        reject(signal.reason as Error);
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    });
    aborted.catch(() => undefined);
    await Promise.race([wait, aborted]);
  }
}

function buildResult(
  { podUid, mountpoint }: { podUid: string; mountpoint: string },
  code: ErrorCode | '',
  message: string,
): TargetResult {
  const nothing = { processes: [], pendingUploads: 0, ownerUid: '' };
  return { podUid, mountpoint, code, message, ...nothing, rung: '' };
}
