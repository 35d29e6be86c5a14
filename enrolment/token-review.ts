// How does the API server say whose a token is?
import { ENROLMENT_AUDIENCE } from '../api/names.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import type { TokenReviewStatus } from './agent-token.ts';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';

/**
 * Has a token reviewed for our audience. The API server also looks whether the pod that it is bound to still exists.
 * @throws KubernetesError the API server does not answer the question
 */
export async function reviewToken(
  connection: KubernetesConnection,
  token: string,
): Promise<TokenReviewStatus> {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences: [ENROLMENT_AUDIENCE] },
  };
  const review = await connection.send({ method: 'POST', path: PATH, body });
  return (review as { status?: TokenReviewStatus }).status ?? {};
}
