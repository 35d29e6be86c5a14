// What do Attach and Detach do, in which order, and under which locks?
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import type {
  AttachRequest,
  AttachResponse,
  AttachTarget,
  ClaimRef,
  DetachRequest,
  DetachResponse,
  SourceAttachment,
  TargetResult,
} from '../api/node-agent.ts';
import { checkAttachable, ensureAttached } from './attach.ts';
import { removeAttached } from './detach.ts';
import type { KernelFeatures } from './kernel-features.ts';
import { type Locks, podLock, sourceLock } from './locks.ts';
import type { MountPodRetirement } from './mount-pod-retirement.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import type { Probe } from './probe.ts';
import { ensureSource, removeUnusedSource } from './source.ts';

/** What the agent works with. */
export interface AgentDependencies {
  features: KernelFeatures;
  locks: Locks;
  probe: Probe;
  retirement: MountPodRetirement;
  log: Logger;
}

type Place = { podUid: string; mountpoint: string };

function buildResult(place: Place, error?: VolumeError): TargetResult {
  const { podUid, mountpoint } = place;
  return { podUid, mountpoint, code: error?.code ?? '', message: error?.message ?? '' };
}

/** Runs one target's work; its failure is an answer, not an exception. */
async function settle(
  log: Logger,
  place: Place & { sourceKey: string },
  work: () => Promise<void> | void,
): Promise<TargetResult> {
  const { podUid: pod, mountpoint, sourceKey } = place;
  try {
    await work();
    return buildResult(place);
  } catch (thrown) {
    const error = VolumeError.from(thrown);
    log.warn({ pod, mountpoint, sourceKey, code: error.code, err: error.message }, 'Target failed');
    return buildResult(place, error);
  }
}

/** Attaches and detaches sources for claims. Everything it does is safe to repeat. */
export class NodeAgent {
  readonly #deps: AgentDependencies;
  /** Attaches that run, by claim UID: a detach of the same claim ends them first. */
  readonly #running = new Map<string, Set<AbortController>>();

  constructor(deps: AgentDependencies) {
    this.#deps = deps;
  }

  /** Makes each source visible at its targets; the outcome is told per target. */
  async attach(request: AttachRequest, signal: AbortSignal): Promise<AttachResponse> {
    const superseded = new AbortController();
    const uid = request.claim.uid;
    const running = this.#running.get(uid) ?? new Set();
    this.#running.set(uid, running.add(superseded));
    const stop = AbortSignal.any([signal, superseded.signal]);
    try {
      const results = await Promise.all(
        request.attachments.map((attachment) => this.#attachSource(attachment, stop)),
      );
      await this.#releaseReplaced(request);
      this.#logOutcome('Attached', request.claim, results.flat());
      return { results: results.flat() };
    } finally {
      running.delete(superseded);
      if (running.size === 0) this.#running.delete(uid);
    }
  }

  /** Takes targets away, releases what nobody uses any more, and retires mount pods without a source. */
  async detach(request: DetachRequest): Promise<DetachResponse> {
    // The claim's workflow has changed its mind: an attach that is still waiting must not succeed afterwards.
    for (const running of this.#running.get(request.claim.uid) ?? []) running.abort();
    const results = await Promise.all(request.targets.map((target) => this.#detachTarget(target)));
    const sourceKeys = new Set(request.targets.map((target) => target.sourceKey));
    await Promise.all([...sourceKeys].map((key) => this.#release(key)));
    const retiredMountPods: string[] = [];
    for (const pod of request.mountPods)
      if (await this.#deps.retirement.retire(pod)) retiredMountPods.push(pod.uid);
    this.#logOutcome('Detached', request.claim, results);
    return { results, retiredMountPods };
  }

  #logOutcome(sentence: string, claim: ClaimRef, results: TargetResult[]): void {
    const name = `${claim.namespace}/${claim.name}`;
    const failed = results.filter(({ code }) => code !== '').length;
    this.#deps.log.info({ claim: name, targets: results.length, failed }, sentence);
  }

  #release(sourceKey: string): Promise<boolean> {
    return this.#deps.locks.run(sourceLock(sourceKey), () => removeUnusedSource(sourceKey));
  }

  async #releaseReplaced(request: AttachRequest): Promise<void> {
    const targets = request.attachments.flatMap((attachment) => attachment.targets);
    const replaced = new Set(targets.map((target) => target.replacesSourceKey));
    for (const key of replaced) if (key !== '') await this.#release(key);
  }

  async #attachSource(attachment: SourceAttachment, signal: AbortSignal): Promise<TargetResult[]> {
    const { sourceKey } = attachment;
    // No storage is mounted for targets that cannot take it.
    const mounts = observeMounts();
    const checked = await Promise.all(
      attachment.targets.map((target) =>
        settle(this.#deps.log, { ...target, sourceKey }, () =>
          checkAttachable(mounts, target, sourceKey),
        ),
      ),
    );
    const targets = attachment.targets.filter((_, index) => checked[index]?.code === '');
    const refused = checked.filter((result) => result.code !== '');
    if (targets.length === 0) return refused;
    return [...refused, ...(await this.#attachTargets({ ...attachment, targets }, signal))];
  }

  /** Holds the source's lock from making to cloning, so that nobody releases it in between. */
  #attachTargets(attachment: SourceAttachment, signal: AbortSignal): Promise<TargetResult[]> {
    const { sourceKey, mountPodUid } = attachment;
    const { locks, probe, retirement } = this.#deps;
    return locks.run(sourceLock(sourceKey), async () => {
      let results: TargetResult[];
      try {
        signal.throwIfAborted();
        const staged = await retirement.use(mountPodUid, () =>
          ensureSource(probe, attachment, signal),
        );
        results = await Promise.all(
          attachment.targets.map((target) => this.#attachTarget(staged, target, signal)),
        );
      } catch (thrown) {
        results = this.#failAll(attachment, thrown, signal);
      }
      // Nobody could take it: a source without a clone is not kept.
      if (results.every(({ code }) => code !== '')) removeUnusedSource(sourceKey);
      return results;
    });
  }

  #failAll(attachment: SourceAttachment, thrown: unknown, signal: AbortSignal): TargetResult[] {
    const error = signal.aborted
      ? new VolumeError('OPERATION_PENDING', 'Another request for this claim came in between')
      : VolumeError.from(thrown);
    const { sourceKey } = attachment;
    this.#deps.log.warn({ sourceKey, code: error.code, err: error.message }, 'Source failed');
    return attachment.targets.map((target) => buildResult(target, error));
  }

  #attachTarget(
    staged: MountRow,
    target: AttachTarget,
    signal: AbortSignal,
  ): Promise<TargetResult> {
    const { features, locks, log } = this.#deps;
    return settle(log, { ...target, sourceKey: staged.source }, () =>
      locks.run(podLock(target.podUid), () => {
        signal.throwIfAborted();
        ensureAttached(features, staged, target);
      }),
    );
  }

  #detachTarget(target: Place & { sourceKey: string }): Promise<TargetResult> {
    const { locks, log } = this.#deps;
    return settle(log, target, () =>
      locks.run(podLock(target.podUid), () => removeAttached(target)),
    );
  }
}
