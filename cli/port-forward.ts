// How does a port of a pod become a port of this machine?
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { PortForward, type KubeConfig } from '@kubernetes/client-node';
import { CliError } from './cli-error.ts';
import { EXIT_CODES } from './exit-codes.ts';

export interface PodPort {
  namespace: string;
  pod: string;
  /** Of the pod, also one that listens on its loopback address alone. */
  port: number;
}

/** A listener on this machine that leads to a port of a pod, as `kubectl port-forward` has it. */
export interface PortForwarding {
  /** On 127.0.0.1. */
  port: number;
  /**
   * Aborts, with a {@link PortForwardError}, as soon as a connection cannot be led to the pod: whoever uses the port
   * sees no more than a reset, so it belongs into `fetch` and the like, or is asked when they have failed.
   */
  broken: AbortSignal;
  /** Closes the listener and every connection through it; repeatable. */
  close(): void;
}

/** A connection could not be led to a pod. The message is one sentence with what to do next. */
export class PortForwardError extends CliError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT_CODES.noAccess, options);
    this.name = 'PortForwardError';
  }
}

/**
 * Opens a listener on a free port of 127.0.0.1. Each connection to it becomes one to the pod, through the API server
 * with the kubeconfig's identity, which needs `get` and `create` on `pods/portforward`. Nothing is asked of the API
 * server before the first connection.
 */
export async function openPortForward(
  config: KubeConfig,
  target: PodPort,
): Promise<PortForwarding> {
  const broken = new AbortController();
  const sockets = new Set<Socket>();
  const forward = new PortForward(config);
  const server = await listen((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    lead(forward, target, socket, (error) => broken.abort(error));
  });
  return {
    port: (server.address() as AddressInfo).port,
    broken: broken.signal,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function listen(take: (socket: Socket) => void): Promise<Server> {
  // Half open: what the pod still has to say is passed on when this side has said all.
  const server = createServer({ allowHalfOpen: true }, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Leads one connection to the pod. Both ends go together: the protocol of the API server has no half. */
function lead(
  forward: PortForward,
  target: PodPort,
  socket: Socket,
  fail: (error: PortForwardError) => void,
): void {
  const { namespace, pod, port } = target;
  const giveUp = (why: unknown): void => {
    fail(new PortForwardError(explainBrokenForward(target, readMessage(why)), { cause: why }));
    socket.destroy();
  };
  // A reset by the local program is its own business.
  socket.on('error', () => socket.destroy());
  forward
    .portForward(namespace, pod, [port], socket, watchErrors(giveUp), socket)
    .then((channel) => tieEnds(channel, socket), giveUp);
}

type Channel = Awaited<ReturnType<PortForward['portForward']>>;

function tieEnds(channel: Channel, socket: Socket): void {
  const webSocket = typeof channel === 'function' ? channel() : channel;
  if (webSocket === null || socket.destroyed) {
    webSocket?.close();
    socket.destroy();
    return;
  }
  webSocket.addEventListener('close', () => socket.end(() => socket.destroy()));
  socket.once('close', () => webSocket.close());
}

/** The channel on which the node's kubelet says why it could not reach the port; it says nothing otherwise. */
function watchErrors(giveUp: (why: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) giveUp(chunk.toString());
      done();
    },
  });
}

/** The library reports a refused upgrade as an event, with the status in its message alone. */
function readMessage(why: unknown): string {
  if (typeof why === 'string') return why.trim();
  const { message } = (why ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : 'the connection broke off';
}

/** By HTTP status of the API server. */
const EXPLANATIONS: Readonly<Record<string, (namespace: string) => string>> = {
  401: () => 'the API server does not know your credentials; log in again',
  403: (namespace) =>
    `you may not; ask for "get" and "create" on pods/portforward in namespace ${namespace}`,
  404: () => 'the pod is gone; try again',
};

/** Says in one sentence why a pod's port cannot be reached, and what to do. Pure. */
export function explainBrokenForward({ namespace, pod, port }: PodPort, message: string): string {
  const subject = `Port ${port} of pod ${namespace}/${pod} cannot be forwarded`;
  const status = /Unexpected server response: (\d{3})/.exec(message)?.[1] ?? '';
  return `${subject}: ${EXPLANATIONS[status]?.(namespace) ?? message.replace(/\.$/, '')}`;
}
