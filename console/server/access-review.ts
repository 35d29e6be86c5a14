// How does the API server say whether a user may read claims?
import { CLAIM_PLURAL, GROUP } from '../../api/names.ts';
import type { KubernetesConnection } from '../../watch/kubernetes-connection.ts';

const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** `user` of a TokenReview's status. */
export interface ReviewedUser {
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/** What a user wants to do with claims; without a namespace, in all of them. */
export interface WantedAccess {
  verb: 'get' | 'list';
  namespace?: string;
}

/**
 * Asks whether the user may do it.
 * @throws KubernetesError the API server does not answer the question
 */
export async function reviewAccess(
  connection: Pick<KubernetesConnection, 'send'>,
  user: ReviewedUser,
  { verb, namespace }: WantedAccess,
  signal: AbortSignal,
): Promise<boolean> {
  const { username, uid, groups, extra } = user;
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: username,
      uid,
      groups,
      extra,
      resourceAttributes: { group: GROUP, resource: CLAIM_PLURAL, verb, namespace },
    },
  };
  const review = await connection.send({ method: 'POST', path: PATH, body }, signal);
  return (review as { status?: { allowed?: boolean } }).status?.allowed === true;
}
