// How are a workflow's activities called in Temporal's UI? (pure)
import type { AttachNodeRequest, DetachNodeRequest } from '../activities/contract.ts';
import { countPods } from './text.ts';

/** Such as "attach s3 photos in 2 pods on node1". */
export function describeAttach({ s3, targets, node }: AttachNodeRequest): string {
  const isSwap = targets.every((target) => target.replacesSourceKey !== '');
  const where = `${countTargets(targets)} on ${node}`;
  return isSwap
    ? `swap in s3 ${s3.bucket} beneath what serves in ${where}`
    : `attach s3 ${s3.bucket} in ${where}`;
}

/** Such as "detach from 1 pod on node1 (grace over: abort)". */
export function describeDetach({ targets, node, discardWrites }: DetachNodeRequest): string {
  const where = `${countTargets(targets)} on ${node}`;
  const forced = targets.filter((target) => target.force);
  if (discardWrites) return `detach from ${where} (by force, without waiting for uploads)`;
  if (forced.length === 0) return `detach from ${where}`;
  const which = forced.length === targets.length ? '' : ` in ${countTargets(forced)}`;
  return `detach from ${where} (grace over${which}: abort)`;
}

/** A pod may have several sources. */
function countTargets(targets: { podUid: string }[]): string {
  return countPods(new Set(targets.map((target) => target.podUid)).size);
}
