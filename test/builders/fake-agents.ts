// Node agents in memory: they keep a mount table and the sources that are staged.
import { parseSharingKey } from '../../api/node-agent.ts';
import type { AttachRequest, DetachRequest, TargetResult } from '../../api/node-agent.ts';
import { VolumeError } from '../../api/errors.ts';
import type { ErrorCode } from '../../api/errors.ts';
import type { CallOptions, NodeAgents } from '../../activities/node-agents.ts';

interface Mount {
  sourceKey: string;
  readOnly: boolean;
  mountPodUid: string;
  bucket: string;
}

/** Behaves as csi-node does, and fails or waits when it is told to. */
export class FakeAgents implements NodeAgents {
  /** By `<pod UID>/<mountpoint>`. */
  readonly mounts = new Map<string, Mount>();
  /** Source keys that are staged, with their mount pod. */
  readonly staged = new Map<string, string>();
  readonly retired = new Set<string>();
  /** `attach`, `detach` and `aborted`, in order. */
  readonly calls: string[] = [];
  readonly attachRequests: AttachRequest[] = [];
  /** What attaching answers, asked anew each time; undefined attaches. */
  failAttach: (request: AttachRequest) => ErrorCode | undefined = () => undefined;
  failDetach: (request: DetachRequest) => ErrorCode | undefined = () => undefined;
  /** Attaching waits for this. */
  attachGate: () => Promise<void> = () => Promise.resolve();
  isUnreachable = false;
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
        const answer = (failed: ErrorCode | '') => ({
          podUid,
          mountpoint,
          code: failed,
          message: failed && `${failed} in ${attachment.s3.bucket}`,
        });
        if (code) return answer(code);
        if (this.retired.has(attachment.mountPodUid)) return answer('MOUNT_POD_RETIRED');
        const path = `${podUid}/${mountpoint}`;
        const former = this.mounts.get(path)?.sourceKey ?? '';
        const { sourceKey } = attachment;
        const serving = this.staged.get(sourceKey);
        const mountPodUid =
          serving !== undefined && this.isAlive(serving) ? serving : attachment.mountPodUid;
        if (former && former !== sourceKey && former !== replacesSourceKey) {
          return answer('MOUNTPOINT_CONFLICT');
        }
        this.staged.set(sourceKey, mountPodUid);
        const { bucket } = attachment.s3;
        this.mounts.set(path, { sourceKey, readOnly, mountPodUid, bucket });
        return answer('');
      }),
    );
    return { results };
  }

  async detach(node: string, request: DetachRequest, _options: CallOptions) {
    this.calls.push('detach');
    this.#refuseIfUnreachable(node);
    const code = this.failDetach(request);
    const results = request.targets.map(({ podUid, mountpoint, sourceKey }) => {
      if (code) return { podUid, mountpoint, code, message: `${code} at ${mountpoint}` };
      const path = `${podUid}/${mountpoint}`;
      if (this.mounts.get(path)?.sourceKey === sourceKey) this.mounts.delete(path);
      return { podUid, mountpoint, code: '', message: '' };
    });
    if (code) return { results, retiredMountPods: [] };
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

  close(): void {}

  #release(): void {
    const used = new Set([...this.mounts.values()].map((mount) => mount.sourceKey));
    for (const key of this.staged.keys()) if (!used.has(key)) this.staged.delete(key);
  }

  #refuseIfUnreachable(node: string): void {
    if (this.isUnreachable) throw new VolumeError('AGENT_UNREACHABLE', `No agent on ${node}`);
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
