// How does the API server say whose a token is?
import { ENROLMENT_AUDIENCE } from '../api/names.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import type { TokenReviewStatus } from './agent-token.ts';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';

/**
 * Has a token reviewed. The API server also looks whether the pod that it is bound to still exists.
 *
 * @param audiences those that the token must be for; the one of enrolment when absent, the API server's own when empty
 * @throws KubernetesError the API server does not answer the question
 */
export async function reviewToken(
  connection: Pick<KubernetesConnection, 'send'>,
  token: string,
  audiences: string[] = [ENROLMENT_AUDIENCE],
  signal?: AbortSignal,
): Promise<TokenReviewStatus> {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences },
  };
  const review = await connection.send({ method: 'POST', path: PATH, body }, signal);
  return (review as { status?: TokenReviewStatus }).status ?? {};
}
