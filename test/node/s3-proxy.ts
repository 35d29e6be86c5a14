// How does a test stand between a mount pod and S3, to see every request and to let the storage misbehave?
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { passOn, type PlainServer } from '../pass-on.ts';
import { findFreePort } from './storage.ts';

/** One request as it came, whether it was passed on or not. */
export interface ProxiedRequest {
  method: string;
  /** With the query. */
  path: string;
}

/** How the storage misbehaves; requests for which `applies` does not hold are passed on. */
export type S3Fault = { applies?: (request: ProxiedRequest) => boolean } & (
  | { kind: 'delay'; ms: number }
  /** Answers flow at so many bytes a second. */
  | { kind: 'limit'; bytesPerSecond: number }
  /** The connection ends after so many bytes of the answer's body. */
  | { kind: 'cut'; afterBytes: number }
  /** The connection is reset at once. */
  | { kind: 'refuse' }
  /** The request is read and never answered. */
  | { kind: 'blackHole' }
  | { kind: 'error'; status: number; code: string }
);

/** A proxy in front of an S3 server. */
export class S3Proxy implements AsyncDisposable {
  readonly requests: ProxiedRequest[] = [];
  readonly endpoint: string;
  readonly #target: PlainServer;
  readonly #server: ReturnType<typeof createServer>;
  #fault: S3Fault | undefined;

  private constructor(target: string, port: number) {
    const { hostname: host, port: targetPort } = new URL(target);
    this.#target = { host, port: Number(targetPort) };
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#server = createServer((from, to) => void this.#handle(from, to));
  }

  /** Listens on the loopback address. */
  static async start(target: string): Promise<S3Proxy> {
    const port = await findFreePort();
    const proxy = new S3Proxy(target, port);
    proxy.#server.listen(port, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** From now on; requests that wait in a black hole stay there until the next change. */
  set(fault: S3Fault | undefined): void {
    const wasBlackHole = this.#fault?.kind === 'blackHole';
    this.#fault = fault;
    if (wasBlackHole) this.#server.closeAllConnections();
  }

  /** What came since `requests` had this length, by method. */
  countByMethod(since = 0): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method } of this.requests.slice(since)) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  }

  async #handle(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const asked = { method: from.method ?? '', path: from.url ?? '' };
    this.requests.push(asked);
    const fault = this.#fault;
    const applies = fault !== undefined && (fault.applies?.(asked) ?? true);
    if (!applies) return passOn(from, to, this.#target);
    switch (fault.kind) {
      case 'refuse':
        from.socket.resetAndDestroy();
        return;
      case 'blackHole':
        from.resume();
        return;
      case 'error':
        from.resume();
        return answerError(to, asked, fault);
      case 'delay':
        await sleep(fault.ms);
        return passOn(from, to, this.#target);
      case 'limit':
      case 'cut':
        return passOn(from, to, this.#target, (answer) => void passBody(answer, to, fault));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function answerError(
  to: ServerResponse,
  { method }: ProxiedRequest,
  { status, code }: { status: number; code: string },
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>told by the lab</Message></Error>`;
  to.writeHead(status, { 'content-type': 'application/xml' });
  to.end(method === 'HEAD' ? '' : body);
}

const SLICES_PER_SECOND = 10;

/** Lets bytes through, so many a second. */
async function passSlowly(part: Buffer, to: ServerResponse, bytesPerSecond: number): Promise<void> {
  const slice = Math.ceil(bytesPerSecond / SLICES_PER_SECOND);
  for (let start = 0; start < part.length; start += slice) {
    to.write(part.subarray(start, start + slice));
    await sleep(1000 / SLICES_PER_SECOND);
  }
}

async function passBody(from: IncomingMessage, to: ServerResponse, fault: S3Fault): Promise<void> {
  let rest = fault.kind === 'cut' ? fault.afterBytes : 0;
  try {
    for await (const part of from as AsyncIterable<Buffer>) {
      if (fault.kind === 'limit') await passSlowly(part, to, fault.bytesPerSecond);
      else if (part.length <= rest) to.write(part);
      else return void to.write(part.subarray(0, rest), () => to.destroy());
      rest -= part.length;
    }
    to.end();
  } catch {
    to.destroy();
  }
}
