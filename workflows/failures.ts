// Which failures of a round are worth another try? (pure)
import type { Failure, ObservedClaim } from '../activities/contract.ts';
import { buildUnsearchedFailure } from './conditions.ts';
import type { Outcomes } from './plan.ts';
import type { ClaimState } from './state.ts';

/**
 * What failed and may be mended by trying again. A mountpoint that an older claim has is not: the watcher
 * tells when it is freed.
 */
export function listFailures(
  observed: ObservedClaim,
  outcomes: Outcomes,
  { steering, unsearchedNodes = [] }: Pick<ClaimState, 'steering' | 'unsearchedNodes'>,
): Failure[] {
  const isDetached = steering.detachedSinceMs !== undefined;
  return [
    ...(isDetached ? [] : listObserved(observed)),
    ...Object.values(outcomes).filter((outcome) => typeof outcome === 'object'),
    ...(unsearchedNodes.length > 0 ? [buildUnsearchedFailure(unsearchedNodes)] : []),
  ];
}

function listObserved({ failure, pods }: ObservedClaim): Failure[] {
  const ofPods = pods.flatMap((pod) => pod.failure ?? []);
  return [...(failure ? [failure] : []), ...ofPods].filter(
    (one) => one.code !== 'MOUNTPOINT_CONFLICT',
  );
}
