// How is a claim made visible in its pods on one node?
import { ERRORS, VolumeError } from '../api/errors.ts';
import type { ErrorCode } from '../api/errors.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type { AttachResponse, MountPodRef, SourceAttachment } from '../api/node-agent.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { explainResult } from './agent-failure.ts';
import type {
  AttachNodeRequest,
  AttachNodeResult,
  AttachNodeTarget,
  AttachResult,
  Failure,
} from './contract.ts';
import { readS3Credentials } from './credentials.ts';
import type { S3Credentials } from './credentials.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { buildFailure } from './failures.ts';
import { startInterimStatus } from './interim-status.ts';
import type { MountPodNeed } from './mount-pod-spec.ts';
import { buildMountPodRefs, ensureMountPod, listServing } from './mount-pods.ts';
import { describeStartProblem } from './start-problem.ts';
import { reportThrottling } from './throttling.ts';
import { findVanishedOwners } from './vanished-owners.ts';
import type { ThrottledMountPod } from './throttling.ts';

/** Milliseconds for the agent: waiting for a mount pod (45 s), the mount and its check (25 s), the first read (6 s), and air. */
const AGENT_DEADLINE_MS = 85_000;

/** How often a mount pod may turn out to be retired before the next round takes over. */
const MAX_TRIES = 3;

/** A target with all that it needs, or why it lacks something. */
interface Prepared {
  target: AttachNodeTarget;
  parameters: ClassParameters;
  mountPod: PodView;
  credentials: S3Credentials;
}

/**
 * Attaches a claim in pods of one node with one call to its agent. What fails is told per pod.
 *
 * Mount pods are only made sure to exist; the agent waits for them, so that their start, the reading of
 * the Secret and the way to the node overlap.
 *
 * @throws the reason of the attempt's signal when it is cancelled
 */
export async function attachNode(
  deps: Dependencies,
  request: AttachNodeRequest,
  attempt: Attempt,
): Promise<AttachNodeResult> {
  const interim = startInterimStatus(deps, request, attempt);
  try {
    const results = await attachTargets(deps, request, attempt);
    return { results, wroteInterim: await interim.stop() };
  } finally {
    await interim.stop();
  }
}

async function attachTargets(
  deps: Dependencies,
  request: AttachNodeRequest,
  attempt: Attempt,
): Promise<AttachResult[]> {
  const retired = new Set<string>();
  const results = new Map<string, AttachResult>();
  let open = request.targets;
  for (let retries = 0; open.length > 0;) {
    const { prepared, failed } = await prepareTargets(deps, { ...request, targets: open }, retired);
    const called = await callAgent(deps, request, prepared, attempt);
    for (const result of [...failed, ...called]) results.set(result.podUid, result);
    const stale = prepared.filter(({ target }) => hasFailed(called, target, 'MOUNT_POD_RETIRED'));
    for (const { mountPod } of stale) retired.add(mountPod.uid);
    const others = prepared
      .filter(({ target }) => hasFailed(called, target, 'MOUNTPOINT_OCCUPIED'))
      .flatMap(({ target }) => replaceOther(target));
    if (stale.length > 0) retries++;
    open = [...(retries < MAX_TRIES ? stale.map(({ target }) => target) : []), ...others];
  }
  return [...results.values()];
}

function hasFailed(
  results: AttachResult[],
  { podUid }: AttachNodeTarget,
  code: ErrorCode,
): boolean {
  return results.some((result) => result.podUid === podUid && result.failure?.code === code);
}

/** The same target with the next source that may be in its place; none when all were named. */
function replaceOther(target: AttachNodeTarget): AttachNodeTarget[] {
  const [replacesSourceKey, ...otherSourceKeys] = target.otherSourceKeys ?? [];
  return replacesSourceKey === undefined ? [] : [{ ...target, replacesSourceKey, otherSourceKeys }];
}

async function prepareTargets(
  deps: Dependencies,
  request: AttachNodeRequest,
  retired: ReadonlySet<string>,
): Promise<{ prepared: Prepared[]; failed: AttachResult[] }> {
  const credentialsOf = new Map(
    Object.entries(request.classes).map(([name, { secret }]) => {
      const reading = readS3Credentials(deps, secret);
      // Awaited for each target below; a class without a target must not end the process.
      reading.catch(() => undefined);
      return [name, reading];
    }),
  );
  const prepared: Prepared[] = [];
  const failed: AttachResult[] = [];
  await Promise.all(
    request.targets.map(async (target) => {
      try {
        const parameters = request.classes[target.className];
        const credentials = await credentialsOf.get(target.className);
        if (!parameters || !credentials) {
          throw new VolumeError('INTERNAL', `Class ${target.className} is unknown`);
        }
        const need = await buildNeed(deps, request, target, parameters);
        const mountPod = await ensureMountPod(deps, need, retired);
        prepared.push({ target, parameters, credentials, mountPod });
      } catch (error) {
        failed.push(fail(target, buildFailure(error)));
      }
    }),
  );
  return { prepared, failed };
}

async function buildNeed(
  deps: Dependencies,
  request: AttachNodeRequest,
  { podUid, podName, className, sourceKey }: AttachNodeTarget,
  parameters: ClassParameters,
): Promise<MountPodNeed> {
  const { namespace } = request.claim;
  const pod = deps.view.podByUid(podUid) ?? (await deps.kubernetes.getPod(namespace, podName));
  const isShared = pod?.volumeRoot?.dispatchPolicy === 'shared';
  return {
    sharingKey: parseSharingKey(sourceKey),
    provider: 's3',
    node: request.node,
    className,
    parameters,
    workload: { namespace, ...(isShared ? {} : { pod: { uid: podUid, name: podName } }) },
  };
}

async function callAgent(
  deps: Dependencies,
  request: AttachNodeRequest,
  prepared: Prepared[],
  attempt: Attempt,
): Promise<AttachResult[]> {
  if (prepared.length === 0) return [];
  const attachments = buildAttachments(request, prepared);
  try {
    const replacedMountPods = await listReplaced(deps, prepared);
    const ask = (vanishedClaimUids: string[]) =>
      deps.agents.attach(
        request.node,
        { claim: request.claim, attachments, replacedMountPods, vanishedClaimUids },
        { signal: attempt.signal, deadlineMs: AGENT_DEADLINE_MS },
      );
    const first = await ask([]);
    const vanished = await findVanishedOwners(deps, request.claim.namespace, first.results);
    const answer = vanished.length > 0 ? await ask(vanished) : first;
    await reportThrottling(deps, listThrottled(request, prepared, answer), attempt.warn);
    return await Promise.all(prepared.map((one) => readResult(deps, request, one, answer)));
  } catch (error) {
    attempt.signal.throwIfAborted();
    return prepared.map(({ target }) => fail(target, buildFailure(error)));
  }
}

/** Mount pods that may serve what is replaced. One that the cache lacks may hold writes. */
async function listReplaced(
  { view, kubernetes }: Dependencies,
  prepared: Prepared[],
): Promise<MountPodRef[]> {
  const keys = prepared.flatMap(({ target }) => target.replacesSourceKey || []);
  const lists = [...new Set(keys.map(parseSharingKey))].map(async (sharingKey) => {
    const cached = view.mountPods(sharingKey);
    return cached.length > 0 ? cached : kubernetes.listMountPods(sharingKey);
  });
  return buildMountPodRefs((await Promise.all(lists)).flat());
}

function listThrottled(
  { claim }: AttachNodeRequest,
  prepared: Prepared[],
  { throttling }: AttachResponse,
): ThrottledMountPod[] {
  return throttling.flatMap((figures) => {
    const used = prepared.find(({ mountPod }) => mountPod.uid === figures.mountPodUid);
    const cpuLimit = used?.parameters.resources.limits.cpu;
    if (!used || cpuLimit === undefined) return [];
    const { mountPod, target } = used;
    return { name: mountPod.name, className: target.className, cpuLimit, figures, claims: [claim] };
  });
}

/** One attachment for each source, with all of its targets. */
function buildAttachments(request: AttachNodeRequest, prepared: Prepared[]): SourceAttachment[] {
  const bySource = Map.groupBy(prepared, (one) => one.target.sourceKey);
  return [...bySource].flatMap(([sourceKey, group]) => {
    const [first] = group;
    if (!first) return [];
    return {
      sourceKey,
      mountPodUid: first.mountPod.uid,
      s3: { ...request.s3, ...first.credentials },
      writeMode: first.parameters.writeMode,
      targets: group.map(({ target }) => ({
        podUid: target.podUid,
        mountpoint: request.mountpoint,
        readOnly: request.readOnly,
        replacesSourceKey: target.replacesSourceKey,
      })),
    };
  });
}

async function readResult(
  deps: Dependencies,
  request: AttachNodeRequest,
  { target, mountPod }: Prepared,
  { results }: AttachResponse,
): Promise<AttachResult> {
  const { view } = deps;
  const { claim, node, mountpoint } = request;
  const result = results.find((one) => one.podUid === target.podUid);
  const place = { node, namespace: claim.namespace, podName: target.podName, mountpoint };
  const failure = await explainResult(deps, place, result);
  if (!failure) {
    const known = view.mountPods(parseSharingKey(target.sourceKey));
    const mountPods = { ...listServing(known), mountPodUid: mountPod.uid };
    return { podUid: target.podUid, mountPods };
  }
  if (ERRORS[failure.code].reason !== 'MountPodNotReady') return fail(target, failure);
  const problem = describeStartProblem(view, mountPod);
  return fail(target, problem ? { ...failure, message: problem } : failure);
}

function fail(target: AttachNodeTarget, failure: Failure): AttachResult {
  return { podUid: target.podUid, failure };
}
