// Which certificate does the agent API show, and when does it change?
import { experimental, type ServerCredentials } from '@grpc/grpc-js';
import type { Identity } from './identity.ts';

/** Credentials of the agent API, which get their certificate later. */
export interface AgentCredentials {
  /** Until there is a certificate every connection is reset. */
  credentials: ServerCredentials;
  /** Shown to every new connection from now on; those that are open stay as they are. */
  use(identity: Identity): void;
  /** Is there a certificate that has not expired? */
  isReady(): boolean;
  /** When the certificate expires, in milliseconds since 1970; undefined while there is none. */
  findExpiryMs(): number | undefined;
}

type IdentityListener = experimental.IdentityCertificateUpdateListener;

/** @param caCertificate PEM; callers must have a certificate of this authority */
export function buildAgentCredentials(caCertificate: string): AgentCredentials {
  const listeners = new Set<IdentityListener>();
  let identity: Identity | undefined;
  const tell = (listener: IdentityListener) => {
    if (identity === undefined) return;
    const { certificate, privateKey } = identity;
    listener({ certificate: Buffer.from(certificate), privateKey: Buffer.from(privateKey) });
  };
  // Not at once: grpc-js begins to listen before it can take up what it hears.
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: (listener) =>
      queueMicrotask(() => listener({ caCertificate: Buffer.from(caCertificate) })),
    removeCaCertificateListener: () => {},
    addIdentityCertificateListener(listener) {
      listeners.add(listener);
      queueMicrotask(() => tell(listener));
    },
    removeIdentityCertificateListener: (listener) => void listeners.delete(listener),
  };
  return {
    credentials: experimental.createCertificateProviderServerCredentials(provider, provider, true),
    use(next) {
      identity = next;
      listeners.forEach(tell);
    },
    isReady: () => identity !== undefined && identity.expiresAtMs > Date.now(),
    findExpiryMs: () => identity?.expiresAtMs,
  };
}
