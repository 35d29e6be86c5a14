// How is a claim made visible in its pods on one node?
import { ERRORS, VolumeError, isErrorCode } from '../api/errors.ts';
import { parseSharingKey } from '../api/node-agent.ts';
import type { SourceAttachment, TargetResult } from '../api/node-agent.ts';
import type { PodView } from '../watch/cluster-view.ts';
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
import { ensureMountPod, listServing } from './mount-pods.ts';
import { describeStartProblem } from './start-problem.ts';

/** Milliseconds for the agent: waiting for a mount pod (45 s), the mount and its check (25 s), the first read (6 s), and air. */
const AGENT_DEADLINE_MS = 85_000;

/** How often a mount pod may turn out to be retired before the next round takes over. */
const MAX_TRIES = 3;

/** A target with all that it needs, or why it lacks something. */
interface Prepared {
  target: AttachNodeTarget;
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
  for (let tries = 1; tries <= MAX_TRIES && open.length > 0; tries++) {
    const { prepared, failed } = await prepareTargets(deps, { ...request, targets: open }, retired);
    const called = await callAgent(deps, request, prepared, attempt);
    for (const result of [...failed, ...called]) results.set(result.podUid, result);
    const stale = called.filter((result) => result.failure?.code === 'MOUNT_POD_RETIRED');
    for (const { podUid } of stale) {
      const used = prepared.find((one) => one.target.podUid === podUid);
      if (used) retired.add(used.mountPod.uid);
    }
    const again = new Set(stale.map((result) => result.podUid));
    open = request.targets.filter((target) => again.has(target.podUid));
  }
  return [...results.values()];
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
        const credentials = await credentialsOf.get(target.className);
        if (!credentials) throw new VolumeError('INTERNAL', `Class ${target.className} is unknown`);
        const mountPod = await ensureMountPod(deps, buildNeed(request, target), retired);
        prepared.push({ target, credentials, mountPod });
      } catch (error) {
        failed.push(fail(target, buildFailure(error)));
      }
    }),
  );
  return { prepared, failed };
}

function buildNeed(request: AttachNodeRequest, target: AttachNodeTarget) {
  const { namespace } = request.claim;
  return {
    sharingKey: parseSharingKey(target.sourceKey),
    provider: 's3' as const,
    node: request.node,
    className: target.className,
    resources: request.classes[target.className]?.resources ?? { requests: {}, limits: {} },
    workload: { uid: target.podUid, namespace, name: target.podName },
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
    const { results } = await deps.agents.attach(
      request.node,
      { claim: request.claim, attachments },
      { signal: attempt.signal, deadlineMs: AGENT_DEADLINE_MS },
    );
    return prepared.map((one) => readResult(deps, request, one, results));
  } catch (error) {
    attempt.signal.throwIfAborted();
    return prepared.map(({ target }) => fail(target, buildFailure(error)));
  }
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
      targets: group.map(({ target }) => ({
        podUid: target.podUid,
        mountpoint: request.mountpoint,
        readOnly: request.readOnly,
        replacesSourceKey: target.replacesSourceKey,
      })),
    };
  });
}

function readResult(
  { view }: Dependencies,
  request: AttachNodeRequest,
  { target, mountPod }: Prepared,
  results: TargetResult[],
): AttachResult {
  const result = results.find((one) => one.podUid === target.podUid);
  const failure = parseFailure(result, request.node);
  if (!failure) {
    const known = view.mountPods(parseSharingKey(target.sourceKey));
    const mountPods = { ...listServing(known), mountPodUid: mountPod.uid };
    return { podUid: target.podUid, mountPods };
  }
  if (ERRORS[failure.code].reason !== 'MountPodNotReady') return fail(target, failure);
  const problem = describeStartProblem(view, mountPod);
  return fail(target, problem ? { ...failure, message: problem } : failure);
}

/** The failure in an agent's answer, or undefined for a success. An unknown code means `INTERNAL`. */
export function parseFailure(result: TargetResult | undefined, node: string): Failure | undefined {
  if (!result) return { code: 'INTERNAL', message: `The node agent of ${node} left out the pod` };
  if (result.code === '') return undefined;
  return isErrorCode(result.code)
    ? { code: result.code, message: result.message }
    : { code: 'INTERNAL', message: `${result.code}: ${result.message}` };
}

function fail(target: AttachNodeTarget, failure: Failure): AttachResult {
  return { podUid: target.podUid, failure };
}
