// Whose token has the API server reviewed: which agent's, on which node? (pure)
import { VolumeError } from '../api/errors.ts';
import { AGENT_SERVICE_ACCOUNT, ENROLMENT_AUDIENCE, SYSTEM_NAMESPACE } from '../api/names.ts';

/** `status` of an `authentication.k8s.io/v1` TokenReview, the fields that are used. */
export interface TokenReviewStatus {
  authenticated?: boolean;
  /** Those of the token that were asked for. */
  audiences?: string[];
  user?: {
    username?: string;
    uid?: string;
    groups?: string[];
    extra?: Record<string, string[]>;
  };
  error?: string;
}

/** The pod of an agent, as its token names it. */
export interface AgentPod {
  name: string;
  uid: string;
  nodeName: string;
}

const AGENT_USER = `system:serviceaccount:${SYSTEM_NAMESPACE}:${AGENT_SERVICE_ACCOUNT}`;

/** Keys of `extra` for tokens that are bound to a pod; the node is named since Kubernetes 1.30. */
const EXTRA = {
  podName: 'authentication.kubernetes.io/pod-name',
  podUid: 'authentication.kubernetes.io/pod-uid',
  nodeName: 'authentication.kubernetes.io/node-name',
} as const;

/**
 * Reads the agent's pod from a review.
 * @throws VolumeError UNAUTHENTICATED the token is not valid, or not that of an agent's pod
 */
export function parseAgentPod(review: TokenReviewStatus): AgentPod {
  if (review.authenticated !== true)
    throw refuse(`The API server does not accept the token: ${review.error ?? 'it is not valid'}`);
  if (review.audiences?.includes(ENROLMENT_AUDIENCE) !== true)
    throw refuse(`The token does not have the audience ${ENROLMENT_AUDIENCE}`);
  const { username = '', extra = {} } = review.user ?? {};
  if (username !== AGENT_USER)
    throw refuse(`The token is that of ${username || 'nobody'}; only ${AGENT_USER} may enrol`);
  const read = (key: string): string => {
    const [value, ...others] = extra[key] ?? [];
    if (value && others.length === 0) return value;
    throw refuse(`The token is not bound to a pod on a node: the review does not tell ${key}`);
  };
  return {
    name: read(EXTRA.podName),
    uid: read(EXTRA.podUid),
    nodeName: read(EXTRA.nodeName),
  };
}

/**
 * A pod never moves, but what signs tokens is not what runs pods: both must name the same node.
 *
 * @param found the pod of that name, read from the API server just now
 * @throws VolumeError UNAUTHENTICATED the pod is gone, another one, or on another node
 */
export function checkAgentPod(
  pod: AgentPod,
  found: { uid: string; nodeName?: string } | undefined,
): void {
  if (found?.uid !== pod.uid)
    throw refuse(`The pod ${pod.name} that the token is bound to does not exist any more`);
  if (found.nodeName !== pod.nodeName)
    throw refuse(
      `The token says that the pod ${pod.name} is on node ${pod.nodeName}, but it is on ${found.nodeName ?? 'none'}`,
    );
}

function refuse(message: string): VolumeError {
  return new VolumeError('UNAUTHENTICATED', message);
}
