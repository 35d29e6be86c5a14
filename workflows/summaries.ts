// How are a workflow's activities called in Temporal's UI? (pure)
import type { AttachNodeRequest, DetachNodeRequest } from '../activities/contract.ts';

/** Such as "attach s3 photos in 2 pods on node1". */
export function describeAttach({ s3, targets, node }: AttachNodeRequest): string {
  const isSwap = targets.every((target) => target.replacesSourceKey !== '');
  const where = `${countPods(targets)} on ${node}`;
  return isSwap
    ? `swap in s3 ${s3.bucket} beneath what serves in ${where}`
    : `attach s3 ${s3.bucket} in ${where}`;
}

/** Such as "detach from 1 pod on node1 (grace over: abort)". */
export function describeDetach({ targets, node, discardWrites }: DetachNodeRequest): string {
  const where = `${countPods(targets)} on ${node}`;
  const forced = targets.filter((target) => target.force);
  if (discardWrites) return `detach from ${where} (by force, without waiting for uploads)`;
  if (forced.length === 0) return `detach from ${where}`;
  const which = forced.length === targets.length ? '' : ` in ${countPods(forced)}`;
  return `detach from ${where} (grace over${which}: abort)`;
}

/** "1 pod" or "2 pods". A pod may have several sources. */
function countPods(targets: { podUid: string }[]): string {
  const count = new Set(targets.map((target) => target.podUid)).size;
  return count === 1 ? '1 pod' : `${count} pods`;
}
