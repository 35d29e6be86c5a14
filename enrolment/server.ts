// Where do agents enrol? (gRPC; TLS with the controller's certificate, without one of the caller)
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type {
  handleUnaryCall,
  sendUnaryData,
  ServerUnaryCall,
  ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Logger } from 'pino';
import type { EnrolRequest, EnrolResponse } from '../api/enrolment.ts';
import { ERRORS, VolumeError } from '../api/errors.ts';
import { PROTO_OPTIONS } from '../api/node-agent.ts';
import { buildWildcardTarget } from '../api/wildcard.ts';
import type { Enrol } from './enrolment.ts';

const MAX_REQUEST_BYTES = 64 * 1024;

export interface EnrolmentServer {
  /** TCP port. */
  port: number;
  close(): void;
}

/**
 * Listens for agents on all addresses.
 *
 * @param options.port 0 is any that is free
 * @param options.tlsDir holds `tls.crt` and `tls.key` of the controller
 */
export async function startEnrolmentServer(options: {
  port: number;
  tlsDir: string;
  enrol: Enrol;
  log: Logger;
}): Promise<EnrolmentServer> {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  server.addService(loadService(), { Enrol: buildHandler(options.enrol, options.log) });
  const read = (file: string) => readFileSync(join(options.tlsDir, file));
  const pair = { cert_chain: read('tls.crt'), private_key: read('tls.key') };
  const credentials = ServerCredentials.createSsl(null, [pair]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(buildWildcardTarget(options.port), credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

function loadService() {
  const file = fileURLToPath(new URL('../api/proto/enrolment.proto', import.meta.url));
  const loaded = loadPackageDefinition(loadSync(file, PROTO_OPTIONS)) as unknown as {
    dynvol: { enrolment: { v1: { Enrolment: ServiceClientConstructor } } };
  };
  return loaded.dynvol.enrolment.v1.Enrolment.service;
}

/** The edge where errors are translated and logged; the request is not, it holds a token. */
function buildHandler(enrol: Enrol, log: Logger): handleUnaryCall<EnrolRequest, EnrolResponse> {
  const answer = async (
    call: ServerUnaryCall<EnrolRequest, EnrolResponse>,
    callback: sendUnaryData<EnrolResponse>,
  ): Promise<void> => {
    let response: EnrolResponse;
    try {
      response = await enrol(call.request);
    } catch (thrown) {
      const { code, message } = VolumeError.from(thrown);
      log.warn({ peer: call.getPeer(), code, err: message }, 'Refused to enrol an agent');
      callback({ code: status[ERRORS[code].grpc], details: message });
      return;
    }
    callback(null, response);
  };
  return (call, callback) => void answer(call, callback);
}
