// How is a claim taken away from pods on one node?
import type { DetachResponse } from '../api/node-agent.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isCompleted } from '../watch/pod-state.ts';
import { explainResult } from './agent-failure.ts';
import type {
  DetachNodeRequest,
  DetachNodeResult,
  DetachNodeTarget,
  DetachResult,
} from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { buildFailure } from './failures.ts';
import { buildMountPodRefs, listMountPodsOf, removeMountPods } from './mount-pods.ts';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 500;

/** Milliseconds for the agent to take mounts away, of which it may wait 12 s for uploads. */
const AGENT_DEADLINE_MS = 30_000;

/**
 * Detaches a claim from pods of one node, and removes the mount pods that serve nothing any more. What
 * fails is told per target. On a node that is gone, or is not ready and does not answer, everything counts as
 * detached: a claim is not kept waiting for it.
 *
 * @throws the reason of the attempt's signal when it is cancelled
 */
export async function detachNode(
  deps: Dependencies,
  request: DetachNodeRequest,
  attempt: Attempt,
): Promise<DetachNodeResult> {
  const timer = setInterval(() => attempt.heartbeat(), HEARTBEAT_MS);
  try {
    const results: DetachResult[] = [];
    for (const layer of splitLayers(request.targets)) {
      results.push(...(await detachLayer(deps, { ...request, targets: layer }, attempt)));
    }
    return { results };
  } finally {
    clearInterval(timer);
  }
}

/**
 * An agent answers by pod and mountpoint. A mountpoint whose source was being replaced has two, which
 * therefore go in two calls.
 */
function splitLayers(targets: DetachNodeTarget[]): DetachNodeTarget[][] {
  const layers: DetachNodeTarget[][] = [];
  for (const target of targets) {
    const isFree = (layer: DetachNodeTarget[]) =>
      !layer.some((one) => one.podUid === target.podUid && one.mountpoint === target.mountpoint);
    const free = layers.find(isFree);
    if (free) free.push(target);
    else layers.push([target]);
  }
  return layers;
}

async function detachLayer(
  deps: Dependencies,
  request: DetachNodeRequest,
  attempt: Attempt,
): Promise<DetachResult[]> {
  try {
    const mountPods = await listMountPodsOf(deps, request.targets);
    const answer = await callAgent(deps, request, mountPods, attempt);
    const retired = new Set(answer.retiredMountPods);
    await removeMountPods(
      deps,
      mountPods.filter((pod) => retired.has(pod.uid) || isCompleted(pod)),
    );
    return await Promise.all(
      request.targets.map((target) => readResult(deps, request, target, answer)),
    );
  } catch (error) {
    attempt.signal.throwIfAborted();
    const failure = buildFailure(error);
    return request.targets.map(({ podUid, sourceKey }) => ({ podUid, sourceKey, failure }));
  }
}

async function callAgent(
  deps: Dependencies,
  { claim, node, targets, discardWrites }: DetachNodeRequest,
  mountPods: PodView[],
  attempt: Attempt,
): Promise<DetachResponse> {
  try {
    return await deps.agents.detach(
      node,
      {
        claim,
        targets: targets.map(({ podUid, mountpoint, sourceKey, force }) => ({
          podUid,
          mountpoint,
          sourceKey,
          force,
        })),
        mountPods: buildMountPodRefs(mountPods),
        sourceKeys: [],
        discardWrites,
      },
      { signal: attempt.signal, deadlineMs: AGENT_DEADLINE_MS },
    );
  } catch (error) {
    attempt.signal.throwIfAborted();
    if (buildFailure(error).code !== 'AGENT_UNREACHABLE') throw error;
    const state = await deps.kubernetes.getNodeState(node);
    if (state === 'ready') throw error;
    return buildAnswerOfLostNode(targets, state === 'gone' ? mountPods : []);
  }
}

/**
 * Mounts of a node that is gone went with its kernel. Those of one that is not ready are orphans for the drift audit
 * when it is back; its mount pods stay until then, because they may hold files that are not uploaded.
 */
function buildAnswerOfLostNode(targets: DetachNodeTarget[], retired: PodView[]): DetachResponse {
  return {
    results: targets.map(({ podUid, mountpoint }) => ({
      podUid,
      mountpoint,
      code: '',
      message: '',
      processes: [],
      pendingUploads: 0,
      rung: '',
      ownerUid: '',
    })),
    retiredMountPods: retired.map((pod) => pod.uid),
  };
}

async function readResult(
  deps: Dependencies,
  { claim, node }: DetachNodeRequest,
  target: DetachNodeTarget,
  answer: DetachResponse,
): Promise<DetachResult> {
  const { podUid, podName, sourceKey, mountpoint } = target;
  const result = answer.results.find(
    (one) => one.podUid === podUid && one.mountpoint === mountpoint,
  );
  const place = { node, namespace: claim.namespace, podName, mountpoint };
  const failure = await explainResult(deps, place, result);
  if (failure) return { podUid, sourceKey, failure };
  return { podUid, sourceKey, ...(result?.rung ? { rung: result.rung } : {}) };
}
