// How does the API server put its question, and over which certificate?
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ZodError } from 'zod';
import { buildObjectFields } from './log-object.ts';
import type { LookUps } from './look-ups.ts';
import { reviewClaim } from './review-claim.ts';
import { reviewClass } from './review-class.ts';
import { reviewEviction } from './review-eviction.ts';
import { reviewPodUpdate } from './review-pod-update.ts';
import { reviewPod, reviewPodOfInjectedNamespace } from './review-pod.ts';
import { classifyAnswer, classifyFailure } from './review-outcome.ts';
import type { ReviewOutcome } from './review-outcome.ts';
import { answerReview } from './review.ts';
import type { AdmissionAnswer, AdmissionRequest, AdmissionResponse, Judge } from './review.ts';

/** A review holds the object at most twice, and the API server takes objects of up to 3 MiB. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const CERTIFICATE_CHECK_MS = 5_000;

export interface AdmissionServerOptions {
  /** Directory with `tls.crt` and `tls.key`. */
  tlsDir: string;
  lookUps: LookUps;
  log: Logger;
  /** Told of each review after its answer. Must not throw. */
  onReviewed?: ObserveReview;
  /** Told of each certificate, as PEM, that is served from now on. Must not throw. */
  onCertificate?(pem: Buffer): void;
}

/** Takes in one review: its path without the slash, how it ended, and how long it took. */
export type ObserveReview = (webhook: string, outcome: ReviewOutcome, seconds: number) => void;

/** Who decides, by the path that the webhook configurations name. */
function buildJudges(lookUps: LookUps): Record<string, Judge> {
  return {
    '/mutate-pods': (request) => reviewPod(request, lookUps),
    '/mutate-pods-of-namespace': (request) => reviewPodOfInjectedNamespace(request, lookUps),
    '/warn-pods': reviewPodUpdate,
    '/validate-claims': (request) => reviewClaim(request, lookUps),
    '/validate-classes': reviewClass,
    '/validate-evictions': (request) => reviewEviction(request, lookUps),
  };
}

/** Builds the HTTPS server; what is not an AdmissionReview of the path's kind of object is answered 400. */
export function createAdmissionServer(options: AdmissionServerOptions): FastifyInstance<Server> {
  const { tlsDir, lookUps, log } = options;
  const https = readCertificate(tlsDir);
  const server = fastify({ https, bodyLimit: BODY_LIMIT_BYTES });
  options.onCertificate?.(https.cert);

  const outcomes = new WeakMap<object, ReviewOutcome>();
  server.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url;
    if (path === undefined) return; // not one of ours
    const outcome = outcomes.get(request) ?? classifyFailure(reply.statusCode);
    options.onReviewed?.(path.slice(1), outcome, reply.elapsedTime / 1_000);
  });
  for (const [path, judge] of Object.entries(buildJudges(lookUps))) {
    server.post(path, (request) => {
      const note = (response: AdmissionResponse) =>
        void outcomes.set(request, classifyAnswer(response));
      return review(request.body, judge, { log, path, note });
    });
  }
  server.setErrorHandler((error, request, reply) => {
    const malformed = error instanceof ZodError;
    const code = malformed ? 400 : readStatusCode(error);
    log.warn({ err: error, status: code, path: request.url }, 'Review could not be answered');
    const message = malformed
      ? `not a review of such an object: ${formatIssues(error)}`
      : String(error);
    return reply.code(code).send({ message });
  });

  const stopWatching = watchCertificate(server.server, options);
  server.addHook('onClose', stopWatching);
  return server;
}

async function review(
  body: unknown,
  judge: Judge,
  { log, path, note }: { log: Logger; path: string; note(response: AdmissionResponse): void },
): Promise<AdmissionAnswer> {
  const answer = await answerReview(body, judge);
  note(answer.response);
  const { uid, allowed, patch, status, warnings } = answer.response;
  const object = buildObjectFields((body as { request: AdmissionRequest }).request);
  const fields = { path, ...object, review: uid, allowed, injected: patch !== undefined };
  log.info({ ...fields, answer: status?.message, warnings }, 'Object was reviewed');
  return answer;
}

function formatIssues(error: ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function readStatusCode(error: unknown): number {
  const code = (error as { statusCode?: number }).statusCode;
  return code !== undefined && code >= 400 ? code : 500;
}

function readCertificate(tlsDir: string): { cert: Buffer; key: Buffer } {
  return {
    cert: readFileSync(join(tlsDir, 'tls.crt')),
    key: readFileSync(join(tlsDir, 'tls.key')),
  };
}

/** The kubelet swaps the files of a Secret through a symbolic link: a look at the file now and then sees it surely. */
function watchCertificate(
  server: Server,
  { tlsDir, log, onCertificate }: AdmissionServerOptions,
): () => Promise<void> {
  const path = join(tlsDir, 'tls.crt');
  const reload = (): void => {
    try {
      const renewed = readCertificate(tlsDir);
      server.setSecureContext(renewed);
      onCertificate?.(renewed.cert);
      log.info({ tlsDir }, 'Certificate was renewed');
    } catch (error) {
      log.error({ err: error, tlsDir }, 'New certificate could not be used');
    }
  };
  watchFile(path, { interval: CERTIFICATE_CHECK_MS, persistent: false }, reload);
  return async () => unwatchFile(path, reload);
}
