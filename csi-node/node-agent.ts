// What do Attach, Detach, List, Watch and ReadStatistics answer, and what follows from a target's outcome?
import { VolumeError } from '../api/errors.ts';
import { AUDIT_CLAIM_UID } from '../api/names.ts';
import type {
  AttachRequest,
  AttachResponse,
  ClaimRef,
  DetachRequest,
  DetachResponse,
  ListRequest,
  ListResponse,
  MountPodThrottling,
  StatisticsRequest,
  StatisticsResponse,
  TargetResult,
} from '../api/node-agent.ts';
import { buildClaimFields } from '../logging/fields.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { attachSource } from './attach-source.ts';
import { detachTarget } from './detach-target.ts';
import { listMounts } from './list-mounts.ts';
import { observeMounts } from './mountinfo.ts';
import { markMissed } from './propagation.ts';
import { ensureSourceFlushed, type FlushOptions, releaseSource } from './release.ts';
import type { Subscriber } from './source-reports.ts';
import { observeStatistics } from './statistics.ts';
import { buildFailure } from './target-result.ts';
import { observeThrottling } from './throttling.ts';

/** Of these mount pods, what those with a CPU limit tell. */
function observeAllThrottling(mountPodUids: string[]): MountPodThrottling[] {
  return [...new Set(mountPodUids)].flatMap((uid) => observeThrottling(uid) ?? []);
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
    try {
      const results = await this.#attachAll(request, AbortSignal.any([signal, superseded.signal]));
      this.#logOutcome('Attached', request.claim, results);
      this.#deps.metrics.noteAttached(results);
      const mountPodUids = request.attachments.map(({ mountPodUid }) => mountPodUid);
      return { results, throttling: observeAllThrottling(mountPodUids) };
    } finally {
      running.delete(superseded);
      if (running.size === 0) this.#running.delete(uid);
    }
  }

  /** Takes targets away, releases what nobody uses any more, and retires mount pods without a source. */
  async detach(request: DetachRequest, signal: AbortSignal): Promise<DetachResponse> {
    // The claim's workflow has changed its mind: an attach that is still waiting must not succeed afterwards.
    for (const running of this.#running.get(request.claim.uid) ?? []) running.abort();
    const { mountPods, discardWrites, targets } = request;
    const flush = { mountPods, discardWrites, signal };
    const detached = await Promise.all(
      targets.map((target) =>
        detachTarget(this.#deps, { ...target, claimUid: request.claim.uid }, flush),
      ),
    );
    const results = await this.#releaseDetached(request, detached, flush);
    const retiredMountPods: string[] = [];
    for (const pod of mountPods)
      if (await this.#deps.retirement.retire(pod, discardWrites)) retiredMountPods.push(pod.uid);
    this.#logOutcome('Detached', request.claim, results);
    this.#deps.metrics.noteDetached(targets, results);
    return { results, retiredMountPods };
  }

  /** Tells what is mounted on the node, from one read of the mount table. */
  list(request: ListRequest): ListResponse {
    const throttling = observeAllThrottling(request.mountPodUids);
    const listed = listMounts(observeMounts());
    this.#deps.owners.keepMounted(listed.mounts);
    this.#deps.metrics.keepMounted(listed);
    return { ...listed, throttling };
  }

  /** Tells what the mounts have done. A storage client that does not answer within 2 s is left out. */
  async readStatistics({ mountPodUids }: StatisticsRequest): Promise<StatisticsResponse> {
    const { mounts, stagedSourceKeys } = listMounts(observeMounts());
    const told = await observeStatistics(mountPodUids, new Set(stagedSourceKeys));
    return { ...told, throttling: observeAllThrottling(mountPodUids), mounts };
  }

  /** Tells what does not serve now, then every change, until the returned function is called. */
  watch(subscriber: Subscriber): () => void {
    return this.#deps.reports.subscribe(subscriber);
  }

  #logOutcome(sentence: string, claim: ClaimRef, results: TargetResult[]): void {
    const fields =
      claim.uid === AUDIT_CLAIM_UID ? { claimUid: claim.uid } : buildClaimFields(claim);
    const failed = results.filter(({ code }) => code !== '').length;
    this.#deps.log.info({ ...fields, targets: results.length, failed }, sentence);
  }

  async #attachAll(request: AttachRequest, signal: AbortSignal): Promise<TargetResult[]> {
    const flush = { mountPods: request.replacedMountPods, discardWrites: false, signal };
    const flushed = new Map<string, Promise<void>>();
    /** Once for each former source, however many targets had it. */
    const ensureFormerFlushed = (sourceKey: string) => {
      const started =
        flushed.get(sourceKey) ?? ensureSourceFlushed(this.#deps.served, sourceKey, flush);
      flushed.set(sourceKey, started);
      return started;
    };
    const { vanishedClaimUids } = request;
    const context = { claimUid: request.claim.uid, vanishedClaimUids };
    const results = await Promise.all(
      request.attachments.map((attachment) =>
        attachSource(this.#deps, { ...attachment, ...context }, ensureFormerFlushed, signal),
      ),
    );
    for (const key of flushed.keys()) await this.#release(key, flush);
    return markMissed(results.flat());
  }

  /** Releases what was shown; a source that still uploads fails its targets, so that they are asked for again. */
  async #releaseDetached(
    { targets, sourceKeys }: DetachRequest,
    results: TargetResult[],
    flush: FlushOptions,
  ): Promise<TargetResult[]> {
    const aborted = targets.filter((_, index) => results[index]?.rung === 'abort');
    const withoutServer = new Set(aborted.map((target) => target.sourceKey));
    const kept = new Map<string, VolumeError>();
    const keys = new Set([...targets.map((target) => target.sourceKey), ...sourceKeys]);
    const release = async (key: string) => {
      const discardWrites = flush.discardWrites || withoutServer.has(key);
      const error = await this.#release(key, { ...flush, discardWrites });
      if (error !== undefined) kept.set(key, error);
    };
    await Promise.all([...keys].map(release));
    return results.map((result, index) => {
      const error = kept.get(targets[index]?.sourceKey ?? '');
      return result.code !== '' || error === undefined
        ? result
        : { ...buildFailure(result, error), rung: result.rung };
    });
  }

  /** Why a source could not be released, if so. */
  async #release(sourceKey: string, flush: FlushOptions): Promise<VolumeError | undefined> {
    try {
      await releaseSource(this.#deps, sourceKey, flush);
      return undefined;
    } catch (thrown) {
      const error = VolumeError.from(thrown);
      this.#deps.log.warn({ sourceKey, code: error.code, err: error.message }, 'Source was kept');
      return error;
    }
  }
}
