// How is the page shown without a cluster? (serves the built page and the claims that it is given)
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { buildConsole, type PageFile } from '../../console/build.ts';
import { buildClaimPath, buildTimelinePath, CONSOLE_PATHS } from '../../console/model/views.ts';
import type { ClaimDetail, ClaimSummary } from '../../console/model/views.ts';
import type { SampleClaim } from './claims.ts';

/** At least as strict as the controller's: what the page needs, and nothing else. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Once for all consoles of a process. */
let built: Promise<PageFile[]> | undefined;

/** An answer other than 200, and its sentence. */
export interface Refusal {
  status: number;
  message: string;
}

/** Answers as the controller does; what it answers is changed while the page looks. */
export class SampleConsole implements AsyncDisposable {
  /** What everything of the API is refused with, if anything. */
  refusal: Refusal | undefined;
  /** What timelines are refused with, if anything. */
  timelineRefusal: Refusal | undefined;
  /** The one token that is accepted; none is asked for without it. */
  token: string | undefined;
  /** The namespaces in which the reader may list claims; all without it. */
  listable: string[] | undefined;

  readonly #claims = new Map<string, SampleClaim>();
  readonly #streams = new Set<ServerResponse>();
  readonly #server: Server;
  readonly #files: Map<string, PageFile>;

  private constructor(files: PageFile[]) {
    this.#files = new Map(files.map((file) => [`/${file.name}`, file]));
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  static async start(claims: SampleClaim[] = []): Promise<SampleConsole> {
    built ??= buildConsole();
    const sample = new SampleConsole(await built);
    for (const claim of claims) sample.#claims.set(claim.detail.uid, claim);
    await new Promise<void>((resolve) => {
      sample.#server.listen(0, '127.0.0.1', resolve);
    });
    return sample;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** Adds or changes a claim, and tells the pages that look. */
  change(claim: SampleClaim): void {
    this.#claims.set(claim.detail.uid, claim);
    this.#send('change', { claims: [summarize(claim)] });
  }

  remove(uid: string): void {
    this.#claims.delete(uid);
    this.#send('gone', [uid]);
  }

  /** Ends the connections of all streams. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    const file = this.#files.get(pathname === '/' ? '/index.html' : pathname);
    if (file) {
      response.setHeader('content-type', CONTENT_TYPES[extname(file.name)] ?? '');
      response.end(file.content);
      return;
    }
    const refusal = this.#refuse(request);
    if (refusal) refuse(response, refusal);
    else if (pathname === CONSOLE_PATHS.stream) {
      this.#stream(searchParams.get('namespace'), response);
    } else this.#answerOfClaim(pathname, response);
  }

  #refuse({ headers }: IncomingMessage): Refusal | undefined {
    const isKnown = this.token === undefined || headers.authorization === `Bearer ${this.token}`;
    if (isKnown) return this.refusal;
    const message = headers.authorization
      ? 'The token is not valid, or has expired.'
      : 'This address of the console wants a Kubernetes bearer token.';
    return { status: 401, message };
  }

  #stream(namespace: string | null, response: ServerResponse): void {
    const where = namespace === null ? 'all namespaces' : `namespace "${namespace}"`;
    if (this.listable && !this.listable.includes(namespace ?? '')) {
      return refuse(response, { status: 403, message: `You may not list claims in ${where}` });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    const seen = [...this.#claims.values()].filter(
      ({ detail }) => namespace === null || detail.namespace === namespace,
    );
    const claims = seen.map(summarize);
    response.write(formatEvent('change', { claims }));
  }

  #send(type: string, data: unknown): void {
    for (const stream of this.#streams) stream.write(formatEvent(type, data));
  }

  #answerOfClaim(pathname: string, response: ServerResponse): void {
    for (const { detail, timeline } of this.#claims.values()) {
      const { namespace, name } = detail;
      if (pathname === buildClaimPath(namespace, name)) return answer(response, detail);
      if (pathname !== buildTimelinePath(namespace, name)) continue;
      if (this.timelineRefusal) return refuse(response, this.timelineRefusal);
      return answer(response, timeline);
    }
    refuse(response, { status: 404, message: 'There is no such claim.' });
  }
}

/** The page must not find in a summary what only the detail has. */
function summarize({ detail }: SampleClaim): ClaimSummary {
  const summary: ClaimSummary & Partial<ClaimDetail> = { ...detail };
  for (const key of DETAIL_KEYS) delete summary[key];
  return summary;
}

const DETAIL_KEYS = [
  'spec',
  'conditions',
  'pods',
  'morePods',
  'mountPods',
  'explanation',
] as const satisfies Exclude<keyof ClaimDetail, keyof ClaimSummary>[];

function formatEvent(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  response.statusCode = status;
  answer(response, { message });
}

function answer(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}
