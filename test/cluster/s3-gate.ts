// How does a test stand between a mount pod and S3, to see its requests and to let them wait?
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addresses, ports } from '../../deploy/stack/addresses.ts';
import { passOn } from '../pass-on.ts';
import { runOk } from './programs.ts';

/** A certificate that only its own file vouches for. */
interface Certificate {
  key: string;
  cert: string;
}

/** An S3 endpoint that passes everything on to the stack's S3. */
export class S3Gate implements AsyncDisposable {
  /** Headers of every request that came, whether it was passed on or not. */
  readonly headers: IncomingMessage['headers'][] = [];
  /** Requests that wait now. */
  waiting = 0;
  readonly certificate: Certificate | undefined;
  readonly #server: ReturnType<typeof createServer>;
  #refuses = false;
  #mayPass: (method: string) => boolean = () => true;
  #opened = Promise.withResolvers<void>();

  private constructor(certificate: Certificate | undefined) {
    this.certificate = certificate;
    const handle = (from: IncomingMessage, to: ServerResponse) => void this.#pass(from, to);
    this.#server = certificate
      ? (createTlsServer(certificate, handle) as ReturnType<typeof createServer>)
      : createServer(handle);
  }

  static async open(options: { tls?: boolean } = {}): Promise<S3Gate> {
    const gate = new S3Gate(options.tls ? await makeCertificate() : undefined);
    await new Promise<void>((resolve) => {
      gate.#server.listen(0, addresses.node, resolve);
    });
    return gate;
  }

  /** What a claim names. */
  get endpoint(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.certificate ? 'https' : 'http'}://${addresses.node}:${port}`;
  }

  /** Lets requests wait: uploads only, or all of them. */
  hold(what: 'uploads' | 'everything'): void {
    this.#mayPass = (method) => what === 'uploads' && !['PUT', 'POST'].includes(method);
  }

  /** Resets every connection that asks for something. */
  refuse(): void {
    this.#refuses = true;
  }

  /** Passes on what waits, and everything from now on. */
  release(): void {
    this.#refuses = false;
    this.#mayPass = () => true;
    this.#opened.resolve();
    this.#opened = Promise.withResolvers<void>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
    this.headers.push(from.headers);
    if (this.#refuses) {
      from.socket.resetAndDestroy();
      return;
    }
    if (!this.#mayPass(from.method ?? '')) {
      this.waiting += 1;
      await this.#opened.promise;
      this.waiting -= 1;
    }
    passOn(from, to, { host: addresses.s3Plain, port: ports.s3Plain });
  }
}

async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-gate-'));
  const [key, cert] = [path.join(folder, 'key'), path.join(folder, 'cert')];
  await runOk('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=gate'],
    ...['-addext', `subjectAltName=IP:${addresses.node}`],
  ]);
  const certificate = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(folder, { recursive: true });
  return certificate;
}
