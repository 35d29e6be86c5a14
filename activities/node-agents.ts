// How does the controller talk to the node agents? (gRPC over mutual TLS)
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { VolumeError } from '../api/errors.ts';
import { AGENT_PORT, buildAgentIdentity } from '../api/names.ts';
import { PROTO_OPTIONS } from '../api/node-agent.ts';
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
import type { ClusterView } from '../watch/cluster-view.ts';
import { readStream } from './agent-stream.ts';
import { callUnary } from './unary-call.ts';

export interface CallOptions {
  /** Cancels the call; its reason is thrown then. */
  signal: AbortSignal;
  /** Milliseconds for the whole call. */
  deadlineMs: number;
}

/**
 * The agents of all nodes. Each call may be repeated at will.
 * They throw VolumeError `AGENT_UNREACHABLE` (none is ready, or it does not answer), `UNAUTHENTICATED`
 * (the certificates do not fit) or what the agent answered for the request as a whole.
 */
export interface NodeAgents {
  attach(node: string, request: AttachRequest, options: CallOptions): Promise<AttachResponse>;
  detach(node: string, request: DetachRequest, options: CallOptions): Promise<DetachResponse>;
  /** Answers what is mounted on the node; changes nothing. */
  list(node: string, request: ListRequest, options: CallOptions): Promise<ListResponse>;
  /** Answers what the mounts have done; changes nothing. */
  readStatistics(
    node: string,
    request: StatisticsRequest,
    options: CallOptions,
  ): Promise<StatisticsResponse>;
  /** Yields what the agent tells of sources that do not serve, until the signal aborts or the connection breaks. */
  watch(node: string, options: Pick<CallOptions, 'signal'>): AsyncIterable<SourceReport>;
  /** Closes all channels. */
  close(): void;
}

export interface NodeAgentsOptions {
  view: Pick<ClusterView, 'agentAddress'>;
  /** Holds `tls.crt`, `tls.key` and `ca.crt`. */
  tlsDir: string;
  /** Holds `node-agent.proto`; `../api/proto` of the sources when absent. */
  protoDir?: string;
  /** TCP port of the agents. */
  port?: number;
}

interface Channel {
  address: string;
  client: Client;
}

type Methods = Record<
  'Attach' | 'Detach' | 'List' | 'Watch' | 'ReadStatistics',
  MethodDefinition<object, object>
>;

/** Connects to agents when they are first called, and keeps each channel warm. */
export function createNodeAgents(options: NodeAgentsOptions): NodeAgents {
  const service = loadService(options.protoDir ?? defaultProtoDir());
  const channels = new Map<string, Channel>();

  const findChannel = (node: string): Channel => {
    const address = options.view.agentAddress(node);
    if (address === undefined) throw noAgent(node);
    return openChannel(channels, node, { ...options, address });
  };

  const call = async (node: string, method: keyof Methods, request: object, how: CallOptions) => {
    const channel = findChannel(node);
    const { address } = channel;
    try {
      return await callUnary(channel.client, service[method], request, { ...how, node, address });
    } catch (error) {
      if (isWorthNewChannel(error)) dropChannel(channels, node, channel);
      throw error;
    }
  };

  return {
    attach: async (node, request, how) =>
      (await call(node, 'Attach', request, how)) as AttachResponse,
    detach: async (node, request, how) =>
      (await call(node, 'Detach', request, how)) as DetachResponse,
    list: async (node, request, how) => (await call(node, 'List', request, how)) as ListResponse,
    readStatistics: async (node, request, how) =>
      (await call(node, 'ReadStatistics', request, how)) as StatisticsResponse,
    async *watch(node, { signal }) {
      const channel = findChannel(node);
      const { address, client } = channel;
      try {
        const reports = readStream(client, service.Watch, {}, { node, address, signal });
        for await (const report of reports) yield report as SourceReport;
      } catch (error) {
        if (isWorthNewChannel(error)) dropChannel(channels, node, channel);
        throw error;
      }
    },
    close() {
      for (const { client } of channels.values()) client.close();
      channels.clear();
    },
  };
}

function defaultProtoDir(): string {
  return fileURLToPath(new URL('../api/proto', import.meta.url));
}

function loadService(protoDir: string): Methods {
  const loaded = loadPackageDefinition(
    loadSync(join(protoDir, 'node-agent.proto'), PROTO_OPTIONS),
  ) as unknown as { dynvol: { node: { v1: { NodeAgent: ServiceClientConstructor } } } };
  return loaded.dynvol.node.v1.NodeAgent.service as unknown as Methods;
}

/**
 * An agent that was started anew has another address: the old channel leads nowhere. So do those to nodes that
 * are gone, which nobody calls any more.
 */
function openChannel(
  channels: Map<string, Channel>,
  node: string,
  to: NodeAgentsOptions & { address: string },
): Channel {
  const known = channels.get(node);
  if (known?.address === to.address) return known;
  for (const [other, channel] of channels) {
    if (to.view.agentAddress(other) !== channel.address) dropChannel(channels, other, channel);
  }
  const opened = { address: to.address, client: buildClient({ ...to, node }) };
  channels.set(node, opened);
  return opened;
}

function buildClient(to: NodeAgentsOptions & { node: string; address: string }): Client {
  const { address, tlsDir, port } = to;
  const identity = buildAgentIdentity(to.node);
  const read = (file: string) => readFileSync(join(tlsDir, file));
  const host = address.includes(':') ? `[${address}]` : address;
  return new Client(
    `${host}:${port ?? AGENT_PORT}`,
    credentials.createSsl(read('ca.crt'), read('tls.key'), read('tls.crt')),
    {
      // Agents are dialled by address; a certificate for another node is of no use there.
      'grpc.ssl_target_name_override': identity,
      'grpc.default_authority': identity,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
      // Finds a node that vanished without closing its connections.
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5_000,
    },
  );
}

/** A new channel reads the certificates anew: they may have been replaced on either side. */
function isWorthNewChannel(error: unknown): boolean {
  return (
    error instanceof VolumeError &&
    (error.code === 'AGENT_UNREACHABLE' || error.code === 'UNAUTHENTICATED')
  );
}

function dropChannel(channels: Map<string, Channel>, node: string, channel: Channel): void {
  if (channels.get(node) === channel) channels.delete(node);
  channel.client.close();
}

function noAgent(node: string): VolumeError {
  return new VolumeError(
    'AGENT_UNREACHABLE',
    `No node agent is ready on node ${node}; look at the pod of the DaemonSet csi-node there`,
  );
}
