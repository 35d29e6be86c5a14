// Which spans have arrived? (a receiver of OTLP/HTTP in JSON)
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span, with the fields that tests look at. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

interface ExportRequest {
  resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[];
}

/** Takes what is sent to `/v1/traces`, refuses it while `isRefusing`, or says nothing while `isSilent`. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  isRefusing = false;
  isSilent = false;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Names of the spans, sorted, each once. */
  get names(): string[] {
    return [...new Set(this.spans.map(({ name }) => name))].sort();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (this.isSilent) return;
    const isFound = request.url === '/v1/traces';
    response.statusCode = isFound ? (this.isRefusing ? 400 : 200) : 404;
    if (response.statusCode === 200) this.spans.push(...parseSpans(body));
    response.setHeader('Content-Type', 'application/json').end('{}');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function parseSpans(body: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body) as ExportRequest;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
