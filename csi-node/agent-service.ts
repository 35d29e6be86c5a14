// How does the agent API meet the network? (mutual TLS; thin handlers)
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  experimental,
  type Server,
  type ServerCredentials,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import { TLS_IDENTITIES } from '../api/names.ts';
import type {
  AttachRequest,
  AttachResponse,
  DetachRequest,
  DetachResponse,
  ListRequest,
  ListResponse,
} from '../api/node-agent.ts';
import { checkAttachRequest, checkDetachRequest, checkListRequest } from './agent-request.ts';
import { buildHandler, loadService } from './grpc-handler.ts';
import type { NodeAgent } from './node-agent.ts';

const CERTIFICATE_REFRESH_MS = 10_000;

/** Credentials for a server, and when it has them: until then it resets every connection. */
export interface LoadedCredentials {
  credentials: ServerCredentials;
  loaded: Promise<unknown>;
}

/** Credentials from a directory's `tls.crt`, `tls.key` and `ca.crt`; changed files count for new connections. */
export function watchServerCredentials(tlsDir: string): LoadedCredentials {
  const paths = {
    certificateFile: join(tlsDir, 'tls.crt'),
    privateKeyFile: join(tlsDir, 'tls.key'),
    caCertificateFile: join(tlsDir, 'ca.crt'),
  };
  // Fails now and by name; the watcher would only refuse every connection.
  for (const path of Object.values(paths)) readFileSync(path);
  const files = new experimental.FileWatcherCertificateProvider({
    ...paths,
    refreshIntervalMs: CERTIFICATE_REFRESH_MS,
  });
  const authority = Promise.withResolvers<void>();
  const identity = Promise.withResolvers<void>();
  files.addCaCertificateListener((update) => update && authority.resolve());
  files.addIdentityCertificateListener((update) => update && identity.resolve());
  return {
    credentials: experimental.createCertificateProviderServerCredentials(files, files, true),
    loaded: Promise.all([authority.promise, identity.promise]),
  };
}

/** The certificate is signed by our CA, or there would be no connection; it must also be the controller's. */
function checkCaller(call: ServerUnaryCall<unknown, unknown>): void {
  const names = call.getAuthContext().sslPeerCertificate?.subjectaltname?.split(', ') ?? [];
  if (names.includes(`DNS:${TLS_IDENTITIES.controller}`)) return;
  throw new VolumeError('UNAUTHENTICATED', 'The caller is not the controller');
}

/** Adds the agent API to a server. */
export function addAgentService(
  server: Server,
  options: { agent: NodeAgent; protoDir: string; log: Logger },
): void {
  const { agent, protoDir, log } = options;
  const service = loadService(protoDir, 'node-agent.proto', 'dynvol.node.v1.NodeAgent');
  server.addService(service, {
    Attach: buildHandler<AttachRequest, AttachResponse>(log, 'Attach', (request, call, signal) => {
      checkCaller(call);
      checkAttachRequest(request);
      return agent.attach(request, signal);
    }),
    Detach: buildHandler<DetachRequest, DetachResponse>(log, 'Detach', (request, call, signal) => {
      checkCaller(call);
      checkDetachRequest(request);
      return agent.detach(request, signal);
    }),
    List: buildHandler<ListRequest, ListResponse>(log, 'List', (request, call) => {
      checkCaller(call);
      checkListRequest(request);
      return agent.list(request);
    }),
  });
}
