// How does one source get to its targets, in which order, and under which locks?
import { VolumeError } from '../api/errors.ts';
import type { AttachTarget, SourceAttachment, TargetResult } from '../api/node-agent.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { AttachTimer } from './attach-timer.ts';
import { checkAttachable, ensureAttached } from './attach.ts';
import { podLock, sourceLock } from './locks.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { buildHung, ensureSource, removeUnusedSource } from './source.ts';
import { buildFailure, settle } from './target-result.ts';

/** With the article's 10m of CPU a mount pod takes 10 to 40 s to start, as the machine is. */
const MOUNT_POD_DEADLINE_MS = 45_000;

/** For whom something is attached. */
interface ClaimContext {
  claimUid: string;
  vanishedClaimUids: string[];
}

type ClaimAttachment = SourceAttachment & ClaimContext;

/** Settles when what was written to a target's former source is in its bucket. */
export type EnsureFormerFlushed = (sourceKey: string) => Promise<void>;

/** Makes a source visible at its targets; the outcome is told per target. */
export async function attachSource(
  deps: AgentDependencies,
  attachment: ClaimAttachment,
  ensureFormerFlushed: EnsureFormerFlushed,
  signal: AbortSignal,
): Promise<TargetResult[]> {
  const { sourceKey, claimUid } = attachment;
  // No storage is mounted for targets that cannot take it.
  const mounts = observeMounts();
  const checked = await Promise.all(
    attachment.targets.map((target) =>
      settle(deps.log, { ...target, sourceKey, claimUid }, async () => {
        checkAttachable(mounts, target, sourceKey);
        const former = target.replacesSourceKey;
        if (former !== '' && former !== sourceKey) await ensureFormerFlushed(former);
      }),
    ),
  );
  const targets = attachment.targets.filter((_, index) => checked[index]?.code === '');
  const refused = checked.filter((result) => result.code !== '');
  if (targets.length === 0) return refused;
  const failure = findHung(deps, attachment) ?? (await findFailing(deps, attachment, signal));
  if (failure !== undefined)
    return [...refused, ...failAll(deps, { ...attachment, targets }, failure)];
  return [...refused, ...(await attachTargets(deps, { ...attachment, targets }, signal))];
}

/** Holds the source's lock from making to cloning, so that nobody releases it in between. */
function attachTargets(
  deps: AgentDependencies,
  attachment: ClaimAttachment,
  signal: AbortSignal,
): Promise<TargetResult[]> {
  const { sourceKey, mountPodUid, targets, claimUid, vanishedClaimUids } = attachment;
  const timer = new AttachTimer();
  return deps.locks.run(sourceLock(sourceKey), async () => {
    let results: TargetResult[];
    const askedMs = performance.now();
    try {
      signal.throwIfAborted();
      timer.begin();
      const mountPodDeadlineMs = MOUNT_POD_DEADLINE_MS;
      const options = { signal, mountPodDeadlineMs, replaceHung: false, timer };
      const staged = await deps.retirement.use(mountPodUid, () =>
        ensureSource(deps, attachment, options),
      );
      timer.noteSource();
      results = await Promise.all(
        targets.map((target) =>
          attachTarget(deps, staged, { ...target, claimUid, vanishedClaimUids }, signal),
        ),
      );
      if (results.some(({ code }) => code === '')) deps.metrics.noteTimes(timer.end());
      deps.recovery.noteAttached(sourceKey);
    } catch (thrown) {
      const error = signal.aborted
        ? buildSuperseded()
        : await deps.silent.explain(mountPodUid, VolumeError.from(thrown), askedMs);
      results = failAll(deps, attachment, error);
    }
    // Nobody could take it: a source without a clone is not kept.
    if (results.every(({ code }) => code !== '')) removeUnusedSource(deps.served, sourceKey);
    return results;
  });
}

function buildSuperseded(): VolumeError {
  return new VolumeError('OPERATION_PENDING', 'Another request for this claim came in between');
}

/** Nobody waits for what is known to hang, unless another mount pod shall serve it. Its keys are noted for later. */
function findHung(
  { reports, served }: AgentDependencies,
  attachment: SourceAttachment,
): VolumeError | undefined {
  const isHung = reports.get(attachment.sourceKey)?.state === 'hung';
  if (!isHung || !served.isServedAsNamed(attachment)) return undefined;
  served.set(attachment);
  return buildHung(attachment.mountPodUid);
}

/** What is mounted stays, and what fails is not shown to more pods. Another mount pod asks the storage anyway. */
async function findFailing(
  { storage, served }: AgentDependencies,
  attachment: SourceAttachment,
  signal: AbortSignal,
): Promise<VolumeError | undefined> {
  return served.isServedAsNamed(attachment)
    ? await storage.findFailure(attachment, signal)
    : undefined;
}

function failAll(
  deps: AgentDependencies,
  { sourceKey, targets, claimUid, mountPodUid }: ClaimAttachment,
  thrown: unknown,
): TargetResult[] {
  const error = VolumeError.from(thrown);
  const { code, message } = error;
  deps.log.warn({ claimUid, sourceKey, mountPodUid, code, err: message }, 'Source failed');
  return targets.map((target) => buildFailure(target, error));
}

function attachTarget(
  { features, locks, owners, log }: AgentDependencies,
  staged: MountRow,
  target: AttachTarget & ClaimContext,
  signal: AbortSignal,
): Promise<TargetResult> {
  return settle(log, { ...target, sourceKey: staged.source }, () =>
    locks.run(podLock(target.podUid), () => {
      signal.throwIfAborted();
      owners.check(target, target.claimUid, target.vanishedClaimUids);
      ensureAttached(features, staged, target);
      owners.note(target, target.claimUid);
    }),
  );
}
