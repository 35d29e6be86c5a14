// What is shown of one claim? (pure)
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import { buildMountPodViews } from './mount-pods.ts';
import { buildClaimSummary } from './summary.ts';
import type { ClaimDetail } from './views.ts';

export interface DetailInput {
  claim: DynamicVolumeClaim;
  /** Pods of the claim's namespace. */
  pods: PodView[];
  /** Pods of the mount pods' namespace. */
  mountPods: PodView[];
  /** Answer of the workflow's query `explain`, if there is one. */
  explanation?: string;
}

/** Builds everything that is shown of a claim. */
export function buildClaimDetail({
  claim,
  pods,
  mountPods,
  explanation,
}: DetailInput): ClaimDetail {
  const rows = claim.status?.pods ?? [];
  return {
    ...buildClaimSummary(claim),
    spec: claim.spec,
    conditions: claim.status?.conditions ?? [],
    pods: rows,
    morePods: Math.max(0, (claim.status?.matched ?? 0) - rows.length),
    mountPods: buildMountPodViews(claim, pods, mountPods),
    ...(explanation === undefined ? {} : { explanation }),
  };
}
