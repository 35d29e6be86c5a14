// What do an agent that enrols, the API server that reviews its token and the authority that signs say?
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrolRequest } from '../../api/enrolment.ts';
import { AGENT_SERVICE_ACCOUNT, ENROLMENT_AUDIENCE, SYSTEM_NAMESPACE } from '../../api/names.ts';
import type { TokenReviewStatus } from '../../enrolment/agent-token.ts';
import type { Authority } from '../../enrolment/authority.ts';

export const TOKEN = 'aGVhZA.Ym9keQ.c2lnbmF0dXJl';
export const AGENT_POD = { name: 'csi-node-x', uid: 'pod-uid', nodeName: 'node1' } as const;

/** The key of a test's authority, as the controller has that of the chart's. */
export function openAuthority(made: { directory: string; certificate: string }): Authority {
  return {
    certificate: new X509Certificate(readFileSync(made.certificate)),
    key: createPrivateKey(readFileSync(join(made.directory, 'ca.key'))),
  };
}

/** A key pair as agents make it; `publicKey` is SPKI (DER), `privateKey` PKCS #8 (PEM). */
export function aKeyPair(namedCurve = 'P-256'): { publicKey: Buffer; privateKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** A request that is as it should be. */
export function aRequest(token = TOKEN, { publicKey, privateKey } = aKeyPair()): EnrolRequest {
  return { token, publicKey, proof: sign('sha256', Buffer.from(token), privateKey) };
}

/** The review of an agent's token. */
export function aReview(change: {
  username?: string;
  audiences?: string[];
  extra?: Record<string, string[]>;
}): TokenReviewStatus {
  const key = (name: string) => `authentication.kubernetes.io/${name}`;
  const extra = {
    [key('pod-name')]: [AGENT_POD.name],
    [key('pod-uid')]: [AGENT_POD.uid],
    [key('node-name')]: [AGENT_POD.nodeName],
  };
  return {
    authenticated: true,
    audiences: change.audiences ?? [ENROLMENT_AUDIENCE],
    user: {
      username:
        change.username ?? `system:serviceaccount:${SYSTEM_NAMESPACE}:${AGENT_SERVICE_ACCOUNT}`,
      extra: { ...extra, ...change.extra },
    },
  };
}
