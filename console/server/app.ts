// Which paths does the console have, and how are its answers sent?
import type { IncomingMessage } from 'node:http';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { Logger } from 'pino';
import { describeError } from '../../logging/describe-error.ts';
import { CONSOLE_PATHS } from '../model/views.ts';
import type { ErrorAnswer } from '../model/views.ts';
import type { ClaimAnswers, ClaimRef } from './claim-answers.ts';
import type { ClaimStreams } from './claim-streams.ts';
import { buildCacheControl, findPageFile } from './page-files.ts';
import type { PageFile } from './page-files.ts';
import { ConsoleRefusal } from './refusal.ts';
import type { Viewer } from './viewer.ts';

export interface ConsoleAppOptions {
  answers: ClaimAnswers;
  streams: ClaimStreams;
  /** Files of the page; empty when it is not part of the image. */
  files: ReadonlyMap<string, PageFile>;
  /** Throws {@link ConsoleRefusal} when nothing of the API is for who asks. */
  findViewer(request: IncomingMessage): Promise<Viewer>;
  /** Throws {@link ConsoleRefusal} when not even the page is. */
  admit(request: IncomingMessage): void;
  log: Logger;
}

/** Milliseconds; a reader of the stream hears something more often. */
const LIMITS = {
  requestTimeout: 10_000,
  connectionTimeout: 60_000,
  bodyLimit: 1_024,
  forceCloseConnections: true,
} as const satisfies FastifyServerOptions;

/** Of one listener; anybody in the cluster may connect, and the process has other work to do. */
const MAX_CONNECTIONS = 500;

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

type NamespaceQuery = { Querystring: { namespace?: string } };

/** Builds the server of one listener. @param tls certificate and key; without them it is plain HTTP */
export function createConsoleApp(
  options: ConsoleAppOptions,
  tls?: { cert: Buffer; key: Buffer },
): FastifyInstance {
  const { answers, findViewer, admit, log } = options;
  const common = {
    ...LIMITS,
    // What is refused before there is a route, as an address that cannot be decoded.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      void refuse(error, request, reply.headers(HEADERS), log),
  };
  // The two kinds of server have the same routes; only their types differ.
  const app = (tls ? fastify({ ...common, https: tls }) : fastify(common)) as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    admit(request.raw);
  });
  app.get<NamespaceQuery>(CONSOLE_PATHS.claims, async (request, reply) => {
    const viewer = await findViewer(request.raw);
    return answer(reply, await answers.listClaims(viewer, readNamespace(request)));
  });
  app.get<{ Params: ClaimRef }>(
    `${CONSOLE_PATHS.claims}/:namespace/:name`,
    async (request, reply) =>
      answer(reply, await answers.readClaim(await findViewer(request.raw), request.params)),
  );
  app.get<{ Params: ClaimRef }>(
    `${CONSOLE_PATHS.claims}/:namespace/:name/timeline`,
    async (request, reply) =>
      answer(reply, await answers.readTimeline(await findViewer(request.raw), request.params)),
  );
  app.get<NamespaceQuery>(CONSOLE_PATHS.mounts, async (request, reply) => {
    const viewer = await findViewer(request.raw);
    return answer(reply, await answers.readMounts(viewer, readNamespace(request)));
  });
  app.get<NamespaceQuery>(CONSOLE_PATHS.stream, { exposeHeadRoute: false }, (request, reply) =>
    openStream(options, request, reply),
  );
  app.get('/*', (request, reply) => sendFile(options.files, request, reply));
  app.setNotFoundHandler((_request, reply) =>
    answer(reply.code(404), { message: 'The console only answers GET, and has no such path' }),
  );
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, log));
  return app;
}

function answer(reply: FastifyReply, body: object): FastifyReply {
  return reply.header('cache-control', 'no-store').send(body);
}

function readNamespace({ query }: FastifyRequest<NamespaceQuery>): string | undefined {
  const { namespace } = query;
  if (namespace === undefined || namespace === '') return undefined;
  if (typeof namespace === 'string') return namespace;
  throw new ConsoleRefusal(400, 'namespace is given more than once; give one, or none for all');
}

async function openStream(
  { streams, answers, findViewer }: ConsoleAppOptions,
  request: FastifyRequest<NamespaceQuery>,
  reply: FastifyReply,
): Promise<void> {
  const viewer = await findViewer(request.raw);
  const namespace = readNamespace(request);
  // Refuses whom a list is refused, before the answer has begun.
  await answers.listClaims(viewer, namespace);
  streams.checkRoom(viewer);
  reply.hijack();
  const response = reply.raw;
  const type = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  response.writeHead(200, { ...HEADERS, ...type });
  response.flushHeaders();
  streams.open({ viewer, namespace, response });
}

function sendFile(
  files: ConsoleAppOptions['files'],
  { raw, headers }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = raw.url ?? '/';
  const { pathname, search } = URL.parse(path, 'http://console') ?? { pathname: path, search: '' };
  const found = findPageFile(files, pathname);
  if (!found) throw new ConsoleRefusal(404, explainMissing(pathname, files));
  const { name, file } = found;
  const tag = `"${file.hash}"`;
  reply.headers({
    'content-type': file.contentType,
    'cache-control': buildCacheControl(name, search.slice(1), file),
    etag: tag,
    vary: 'accept-encoding',
  });
  if (headers['if-none-match'] === tag) return reply.code(304).send();
  const takesGzip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  if (!takesGzip) return reply.send(file.content);
  return reply.header('content-encoding', 'gzip').send(file.gzipped);
}

function explainMissing(path: string, files: ConsoleAppOptions['files']): string {
  return files.size === 0 && path === '/'
    ? `The page is not part of this installation; its API is at ${CONSOLE_PATHS.claims}`
    : `The console has no ${path.slice(0, 100)}; its page is at /`;
}

/** The edge where failures become answers; what nobody foresaw is logged, and not told. */
function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  const { status, message } = translate(error);
  const path = request.url.split('?')[0];
  if (status === 500) log.error({ err: describeError(error), path }, 'Console could not answer');
  else log.debug({ err: message, path, status }, 'Console refused a request');
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="dynvol"');
  const body: ErrorAnswer = { message };
  return answer(reply.code(status), body);
}

function translate(error: unknown): { status: number; message: string } {
  if (error instanceof ConsoleRefusal) return error;
  const { statusCode = 500 } = error as { statusCode?: number };
  if (statusCode < 500) return { status: statusCode, message: 'The request is malformed' };
  return { status: 500, message: "The console could not answer; the controller's log says why" };
}
