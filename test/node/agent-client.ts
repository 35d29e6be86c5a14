// How do the tests call the agent, as the kubelet and as the controller?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Client,
  credentials,
  type ClientOptions,
  type ClientReadableStream,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { buildAgentIdentity } from '../../api/names.ts';
import { PROTO_OPTIONS, type SourceReport } from '../../api/node-agent.ts';

/** Name of the lab's node. */
export const LAB_NODE = 'lab-node';

/** Where the protos lie. */
export const PROTO_DIR = join(import.meta.dirname, '../../api/proto');

/** A refused call: gRPC's status by name, and its sentence. */
export class CallError extends Error {
  readonly status: string;

  constructor(error: ServiceError) {
    super(error.details);
    this.status = status[error.code] ?? String(error.code);
  }
}

/** A client whose methods are called by name. */
export interface Caller {
  call<Response>(method: string, request: object): Promise<Response>;
  /** Calls the agent's Watch; it lasts as long as the caller. Its end is told once. */
  watch(take: (report: SourceReport) => void, ended?: (error?: CallError) => void): void;
  close(): void;
}

function findClient(file: string, service: string): ServiceClientConstructor {
  let found: unknown = loadPackageDefinition(
    loadSync(file, { ...PROTO_OPTIONS, includeDirs: [PROTO_DIR] }),
  );
  for (const part of service.split('.')) found = (found as Record<string, unknown>)[part];
  return found as ServiceClientConstructor;
}

type Unary = (
  request: object,
  options: { deadline: Date },
  callback: (error: ServiceError | null, response: unknown) => void,
) => void;

type Streaming = (request: object) => ClientReadableStream<unknown>;

function makeCaller(client: Client): Caller {
  return {
    call: <Response>(method: string, request: object) =>
      new Promise<Response>((resolve, reject) => {
        const deadline = new Date(Date.now() + 90_000);
        const unary = (client as unknown as Record<string, Unary>)[method];
        unary?.call(client, request, { deadline }, (error, response) =>
          error ? reject(new CallError(error)) : resolve(response as Response),
        );
      }),
    watch: (take, ended) => {
      const call = (client as unknown as { Watch: Streaming }).Watch({});
      call.on('data', take);
      call.on('error', (error: ServiceError) => ended?.(new CallError(error)));
      call.on('end', () => ended?.());
    },
    close: () => client.close(),
  };
}

/** A caller on a Unix socket, as the kubelet is one. */
export function dialSocket(path: string, file: string, service: string): Caller {
  const Constructor = findClient(file, service);
  const options = { 'grpc.default_authority': 'localhost' };
  return makeCaller(new Constructor(`unix://${path}`, credentials.createInsecure(), options));
}

/** A caller of the agent API with a certificate, as the controller is one. */
export function dialAgent(
  address: string,
  files: { ca: string; crt: string; key: string } | undefined,
  ca: string,
): Caller {
  const Constructor = findClient('node-agent.proto', 'dynvol.node.v1.NodeAgent');
  const tls = credentials.createSsl(
    readFileSync(ca),
    files ? readFileSync(files.key) : null,
    files ? readFileSync(files.crt) : null,
  );
  const options: ClientOptions = {
    'grpc.ssl_target_name_override': buildAgentIdentity(LAB_NODE),
    // Else a new caller inherits the broken connection, and the back-off, of one to a killed agent.
    'grpc.use_local_subchannel_pool': 1,
  };
  return makeCaller(new Constructor(address, tls, options));
}
