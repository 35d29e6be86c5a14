// Who gets a certificate?
import type { Logger } from 'pino';
import type { EnrolRequest, EnrolResponse } from '../api/enrolment.ts';
import { VolumeError } from '../api/errors.ts';
import { SYSTEM_NAMESPACE } from '../api/names.ts';
import type { KubernetesApi } from '../watch/kubernetes.ts';
import { checkAgentPod, parseAgentPod } from './agent-token.ts';
import type { TokenReviewStatus } from './agent-token.ts';
import type { Authority } from './authority.ts';
import { checkEnrolRequest } from './enrol-request.ts';
import { signCertificate } from './sign-certificate.ts';

/** Anybody in the cluster reaches the port, and each well-formed request costs the API server two. */
const MAX_REVIEWS = 16;

export interface EnrolmentOptions {
  reviewToken(token: string): Promise<TokenReviewStatus>;
  kubernetes: Pick<KubernetesApi, 'getPod'>;
  /** Read for each certificate: a replaced authority counts at once. */
  readAuthority(): Authority;
  /** Milliseconds; a day when absent. */
  lifetimeMs?: number;
  log: Logger;
}

/**
 * Answers an agent with a certificate for the node that its pod is on. Any number of controllers may do so: nothing is
 * kept.
 *
 * Throws VolumeError `INVALID_ARGUMENT`, `UNAUTHENTICATED`, or `OPERATION_PENDING` while too many are reviewed; what the
 * API server refuses is thrown as it is.
 */
export type Enrol = (request: EnrolRequest) => Promise<EnrolResponse>;

export function createEnrolment(options: EnrolmentOptions): Enrol {
  const { kubernetes, log, lifetimeMs } = options;
  let reviews = 0;

  async function findAgentPod(token: string) {
    if (reviews >= MAX_REVIEWS)
      throw new VolumeError('OPERATION_PENDING', 'Too many agents enrol at once; try again');
    reviews += 1;
    try {
      const pod = parseAgentPod(await options.reviewToken(token));
      checkAgentPod(pod, await kubernetes.getPod(SYSTEM_NAMESPACE, pod.name));
      return pod;
    } finally {
      reviews -= 1;
    }
  }

  return async (request) => {
    checkEnrolRequest(request);
    const { name, nodeName } = await findAgentPod(request.token);
    const agent = { nodeName, publicKey: request.publicKey };
    const certificate = await signCertificate(options.readAuthority(), agent, lifetimeMs);
    log.info(
      { node: nodeName, pod: `${SYSTEM_NAMESPACE}/${name}` },
      'Signed the certificate of a node agent',
    );
    return { certificate };
  };
}
