// What may whoever asks not see? (a check that cannot be made is no failure)
import { isNotFound, KubernetesError } from '../../watch/kubernetes-error.ts';
import { CliError } from '../cli-error.ts';
import { explainFailure } from '../failures.ts';
import type { Seen } from './facts.ts';

/**
 * Looks, and takes a refusal as an answer.
 *
 * @param needs the right that it takes, such as `list nodes`
 */
export async function see<T>(needs: string, look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await look() };
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 403) return { needs };
    // A collection that does not exist, not an object: that is answered with undefined.
    if (isNotFound(error)) return { failed: 'the CRDs are missing' };
    if (error instanceof CliError) return { failed: error.message };
    return { failed: explainFailure(error, 'the API server').message };
  }
}

/** Goes on from what was seen. */
export async function seeFrom<T, U>(
  seen: Seen<T>,
  needs: string,
  look: (value: T) => Promise<U>,
): Promise<Seen<U>> {
  return 'value' in seen ? see(needs, () => look(seen.value)) : seen;
}
