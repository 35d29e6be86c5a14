// How does an API server lead port-forwards to pods, and fail to?
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

/** The part of the WebSocket library that is used; it is the one of the Kubernetes client, which has no types. */
interface WebSocket {
  send(data: Buffer): void;
  close(): void;
  on(event: 'message', listener: (data: Buffer) => void): void;
  on(event: 'close', listener: () => void): void;
}
interface WebSocketServer {
  on(event: 'connection', listener: (socket: WebSocket, request: IncomingMessage) => void): void;
}
const load = createRequire(import.meta.resolve('@kubernetes/client-node'));
const { Server: SocketServer } = load('isomorphic-ws') as {
  Server: new (options: {
    server: Server;
    handleProtocols(): string;
    verifyClient(info: object, answer: (ok: boolean, status?: number) => void): void;
  }) => WebSocketServer;
};

/** Of the data, and of what the kubelet says of its failures. */
const DATA = 0;
const ERROR = 1;

/** Leads to ports of this machine as if they were ports of pods, over `v4.channel.k8s.io`. */
export class FakePodPorts {
  /** By `<namespace>/<pod>:<port>`. */
  readonly ports = new Map<string, number>();
  /** Status that every request for a forward is refused with. */
  refuse: number | undefined;
  readonly #server = createServer();

  private constructor() {
    const sockets = new SocketServer({
      server: this.#server,
      handleProtocols: () => 'v4.channel.k8s.io',
      verifyClient: (_info, answer) => answer(this.refuse === undefined, this.refuse),
    });
    sockets.on('connection', (socket, { url = '' }) => this.#lead(socket, url));
  }

  static async start(): Promise<FakePodPorts> {
    const fake = new FakePodPorts();
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get kubeConfig(): KubeConfig {
    const { port } = this.#server.address() as AddressInfo;
    const config = new KubeConfig();
    const cluster = { name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
    config.loadFromClusterAndUser(cluster, { name: 'test' });
    return config;
  }

  #lead(socket: WebSocket, url: string): void {
    const [, namespace, pod, port] =
      /namespaces\/(.+)\/pods\/(.+)\/portforward\?ports=(\d+)/.exec(url) ?? [];
    const header = Buffer.alloc(2);
    header.writeUInt16LE(Number(port));
    for (const channel of [DATA, ERROR]) socket.send(Buffer.from([channel, ...header]));
    const target = this.ports.get(`${namespace}/${pod}:${port}`);
    if (target === undefined) {
      socket.send(Buffer.from([ERROR, ...Buffer.from('connect: connection refused\n')]));
      return socket.close();
    }
    const to = connect(target, '127.0.0.1');
    to.on('data', (data) => socket.send(Buffer.from([DATA, ...data])));
    to.on('close', () => socket.close());
    to.on('error', () => socket.close());
    socket.on('message', (data) => to.write(data.subarray(1)));
    socket.on('close', () => to.destroy());
  }
}
