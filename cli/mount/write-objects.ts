// How do the objects of `mount` reach the API server?
import { API_VERSION, CLAIM_PLURAL, GROUP } from '../../api/names.ts';
import { KubernetesError } from '../../watch/kubernetes-error.ts';
import { namespacedPath } from '../../watch/kubernetes-requests.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import type { WrittenClaim } from './build-claim.ts';
import { explainRefusal } from './refused-claim.ts';
import type { WorkloadPod } from './workload-pod.ts';

type Context = Pick<CliContext, 'kubernetes' | 'signal'>;

/**
 * Puts labels on a pod, and on no namesake of it.
 * @throws KubernetesError the API server refuses
 */
export async function labelPod(
  { kubernetes, signal }: Context,
  { metadata }: WorkloadPod,
  labels: Record<string, string>,
): Promise<void> {
  const path = namespacedPath('/api/v1', 'pods', metadata);
  const body = { metadata: { uid: metadata.uid, labels } };
  await kubernetes().send({ method: 'PATCH', path, body, patch: 'merge' }, signal);
}

/**
 * Creates the claim.
 *
 * @param trial asks whether it may be, and creates nothing
 * @throws CliError there is one of this name, or a rule or webhook refuses it
 * @throws KubernetesError the API server does not let it come so far
 */
export async function createClaim(
  { kubernetes, signal }: Context,
  claim: WrittenClaim,
  trial = false,
): Promise<void> {
  const { namespace } = claim.metadata;
  const collection = namespacedPath(`/apis/${GROUP}/${API_VERSION}`, CLAIM_PLURAL, { namespace });
  const path = trial ? `${collection}?dryRun=All` : collection;
  try {
    await kubernetes().send({ method: 'POST', path, body: claim }, signal);
  } catch (error) {
    const why = error instanceof KubernetesError ? explainRefusal(claim, error) : undefined;
    if (why === undefined) throw error;
    throw new CliError(why, undefined, { cause: error });
  }
}
