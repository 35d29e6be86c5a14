// Which pods shall a claim leave? (pure)
import type { ObservedClaim } from '../activities/contract.ts';
import type { Steering } from './commands.ts';

export interface Wanted {
  observed: Pick<ObservedClaim, 'deleting' | 'pods'>;
  steering: Steering;
}

/**
 * Shall everything of the claim go from this pod? A pod that is terminating keeps what it has until the
 * kubelet takes the volume root away, unless all pods are left.
 */
export function isLeaving({ observed, steering }: Wanted, podUid: string): boolean {
  if (observed.deleting || steering.detachedSinceMs !== undefined) return true;
  const pod = observed.pods.find((one) => one.uid === podUid);
  if (pod === undefined || pod.state === 'completed') return true;
  return pod.state !== 'terminating' && pod.failure?.code === 'MOUNTPOINT_CONFLICT';
}
