// How does the agent API meet the network? (mutual TLS; thin handlers)
import type { Server, ServerUnaryCall } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import { CONTROLLER_IDENTITY } from '../api/names.ts';
import type {
  AttachRequest,
  AttachResponse,
  DetachRequest,
  DetachResponse,
  ListRequest,
  ListResponse,
  SourceReport,
  StatisticsRequest,
  StatisticsResponse,
} from '../api/node-agent.ts';
import { checkAttachRequest, checkDetachRequest, checkMountPodUids } from './agent-request.ts';
import { buildHandler, buildStreamHandler, loadService } from './grpc-handler.ts';
import type { NodeAgent } from './node-agent.ts';

/** The certificate is signed by our CA, or there would be no connection; it must also be the controller's. */
function checkCaller(call: Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext'>): void {
  const names = call.getAuthContext().sslPeerCertificate?.subjectaltname?.split(', ') ?? [];
  if (names.includes(`DNS:${CONTROLLER_IDENTITY}`)) return;
  throw new VolumeError('UNAUTHENTICATED', 'The caller is not the controller');
}

/** Adds the agent API to a server. */
export function addAgentService(
  server: Server,
  options: { agent: NodeAgent; protoDir: string; log: Logger; stopping: AbortSignal },
): void {
  const { agent, protoDir, log, stopping } = options;
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
      checkMountPodUids(request);
      return agent.list(request);
    }),
    ReadStatistics: buildHandler<StatisticsRequest, StatisticsResponse>(
      log,
      'ReadStatistics',
      (request, call) => {
        checkCaller(call);
        checkMountPodUids(request);
        return agent.readStatistics(request);
      },
    ),
    Watch: buildStreamHandler<object, SourceReport>(log, 'Watch', stopping, (call, send) => {
      checkCaller(call);
      return agent.watch(send);
    }),
  });
}
