// How is a claim let go once nothing of it is mounted any more?
import { CLAIM_FINALIZER } from '../api/names.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
import type { ClaimIdentity } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

/** How often a lost race for the claim's finalizers is run again. */
const MAX_TRIES = 5;

/**
 * Takes our finalizer off a claim; one that is gone, or whose name another claim has by now, is success.
 *
 * @throws KubernetesError the API server refuses or is away
 */
export async function removeFinalizer(
  { kubernetes }: Pick<Dependencies, 'kubernetes'>,
  { namespace, name, uid }: ClaimIdentity,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    // Live: the status was written a moment ago, so a cached resourceVersion would be refused.
    const claim = await kubernetes.getClaim(namespace, name);
    const finalizers = claim?.metadata.uid === uid ? (claim.metadata.finalizers ?? []) : [];
    if (!claim || !finalizers.includes(CLAIM_FINALIZER)) return;
    const { resourceVersion } = claim.metadata;
    try {
      await kubernetes.patchClaimFinalizers(
        { namespace, name, resourceVersion },
        finalizers.filter((one) => one !== CLAIM_FINALIZER),
      );
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || tries >= MAX_TRIES) throw error;
    }
  }
}
