// Where does the agent listen, and how does it stop?
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { Server, ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';
import { describeError } from '../logging/describe-error.ts';
import { EXPOSITION_TYPE } from '../metrics/registry.ts';

/** An attach may hold 64 KiB of certificates for each of a node's 250 pods. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** A controller that vanished without a word would keep its `Watch` for ever. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 };
const SHUTDOWN_DEADLINE_MS = 5_000;

/** An empty gRPC server with our limits; every call goes through the interceptors. */
export function makeServer(...interceptors: ServerInterceptor[]): Server {
  const limits = { 'grpc.max_receive_message_length': MAX_REQUEST_BYTES, ...KEEPALIVE };
  return new Server({ ...limits, interceptors });
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** A killed predecessor leaves its socket file, on which nobody can listen again. */
function removeStaleSocket(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket()) unlinkSync(path);
}

/** Listens on a Unix socket that only root may use. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  removeStaleSocket(path);
  await bind(server, `unix://${path}`, ServerCredentials.createInsecure());
  chmodSync(path, 0o600);
}

/** Listens on `address:port`. */
export async function listenOnAddress(
  server: Server,
  address: string,
  credentials: ServerCredentials,
): Promise<void> {
  await bind(server, address, credentials);
}

/** Lets running calls end, for a while. */
export function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, SHUTDOWN_DEADLINE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What the health server tells of. */
export interface Health {
  isReady: () => boolean;
  exposeMetrics: () => Promise<string>;
}

/**
 * Answers `/healthz` for the kubelet's liveness probe: whoever answers has an event loop that turns; `/readyz` for its
 * readiness probe: 503 while the agent API has no certificate; and `/metrics` in Prometheus' text format. The kubelet
 * calls CSI without asking here.
 */
export function listenForHealth(port: number, health: Health): Promise<HttpServer> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') return void answerMetrics(response, health);
    const { url } = request;
    const isKnown = url === '/healthz' || url === '/readyz';
    const isWaiting = url === '/readyz' && !health.isReady();
    response.statusCode = isKnown ? (isWaiting ? 503 : 200) : 404;
    response.end(isKnown ? (isWaiting ? 'waiting for: certificate\n' : 'ok\n') : '');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

async function answerMetrics(response: ServerResponse, { exposeMetrics }: Health): Promise<void> {
  try {
    const text = await exposeMetrics();
    response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(text);
  } catch (error) {
    response.writeHead(500).end(`${describeError(error)}\n`);
  }
}
