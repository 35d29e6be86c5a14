// How does a request reach the Kubernetes API server?
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { buildKubernetesError } from './kubernetes-error.ts';

/** Below the API server's 90 s: an idle connection is dropped by us, never while we send on it. */
const IDLE_CONNECTION_MS = 60_000;
const REQUEST_DEADLINE_MS = 20_000;

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
} as const;

/** Media types that ask for an object, and for a list, without anything but metadata (`metav1.PartialObjectMetadata`). */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface KubernetesRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  path: string;
  body?: unknown;
  /** Of a PATCH; without it the body is plain JSON. */
  patch?: keyof typeof PATCH_TYPES;
  /** Media type of the answer; plain JSON when absent. */
  accept?: string;
}

/** One keep-alive pool of connections to one API server, with the identity of a kubeconfig. */
export interface KubernetesConnection {
  /**
   * Sends a request and parses the JSON answer, within 20 s.
   * @throws KubernetesError any status but 2xx
   */
  send(request: KubernetesRequest, signal?: AbortSignal): Promise<unknown>;
  /**
   * Opens an answer that goes on, and yields its lines as they arrive, the last one also without a newline; the signal
   * ends it with an error.
   *
   * @param accept media type of the answer; plain JSON when absent
   * @throws KubernetesError any status but 2xx
   */
  stream(path: string, signal: AbortSignal, accept?: string): AsyncGenerator<string, void>;
  /** Closes idle connections; open streams end by their signal. */
  close(): void;
}

/**
 * Connects with a kubeconfig of the official library, which gives address, TLS and identity. Its token and
 * certificate files are read again as they are renewed.
 */
export function connectKubernetes(config: KubeConfig): KubernetesConnection {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('The kubeconfig has no current cluster');
  const base = cluster.server.replace(/\/$/, '');
  const { proxyUrl } = cluster;
  const secure = base.startsWith('https:');
  const agentOptions = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const start = secure ? httpsRequest : httpRequest;

  async function open(
    request: KubernetesRequest,
    signal: AbortSignal,
  ): Promise<{ response: IncomingMessage; title: string }> {
    const identity: RequestOptions = {};
    await config.applyToHTTPSOptions(identity as Parameters<typeof config.applyToHTTPSOptions>[0]);
    signal.throwIfAborted();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const options: RequestOptions = {
      ...identity,
      agent: proxyUrl === undefined ? agent : findProxyAgent(identity),
      signal,
      method: request.method,
      headers: { ...identity.headers, ...buildHeaders(request, body) },
    };
    const response = await exchange(() => start(base + request.path, options), body);
    const title = `${request.method} ${request.path.replace(/\?.*/, '')}`;
    return { response, title };
  }

  return {
    async send(request, signal) {
      const deadline = AbortSignal.timeout(REQUEST_DEADLINE_MS);
      const limit = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
      const { response, title } = await open(request, limit);
      const text = await readText(response);
      if (!isSuccess(response)) throw buildKubernetesError(title, response.statusCode ?? 0, text);
      return JSON.parse(text) as unknown;
    },
    async *stream(path, signal, accept) {
      const request = { method: 'GET' as const, path, ...(accept ? { accept } : {}) };
      const { response, title } = await open(request, signal);
      if (!isSuccess(response)) {
        throw buildKubernetesError(title, response.statusCode ?? 0, await readText(response));
      }
      yield* readLines(response);
    },
    close: () => agent.destroy(),
  };
}

/** A proxy of the kubeconfig is in the library's agent, which it keeps as well. */
function findProxyAgent({ agent }: RequestOptions): RequestOptions['agent'] {
  if (agent === undefined)
    throw new Error('The kubeconfig names a proxy (proxy-url) that cannot be used');
  return agent;
}

function buildHeaders(
  request: KubernetesRequest,
  body: string | undefined,
): Record<string, string> {
  const type = request.patch === undefined ? 'application/json' : PATCH_TYPES[request.patch];
  return {
    accept: request.accept ?? 'application/json',
    'user-agent': 'dynvol',
    ...(body === undefined
      ? {}
      : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }),
  };
}

/** A kept connection that the server closed while we wrote is not a failure: the request goes out again, once. */
async function exchange(
  start: () => ReturnType<typeof httpRequest>,
  body: string | undefined,
): Promise<IncomingMessage> {
  const request = start();
  try {
    return await waitForResponse(request, body);
  } catch (error) {
    const stale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (!stale) throw error;
    return waitForResponse(start(), body);
  }
}

function waitForResponse(
  request: ReturnType<typeof httpRequest>,
  body: string | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Stays after the response: a request that is aborted later reports here too.
    request.on('error', reject);
    request.end(body);
  });
}

function isSuccess(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return text;
}

async function* readLines(response: IncomingMessage): AsyncGenerator<string, void> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  // An end in order; what breaks off throws. The last words of a program that crashes often lack their newline.
  if (rest !== '') yield rest;
}
