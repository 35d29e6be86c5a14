// Which S3 server stands behind the lab? (versitygw on a folder: a bucket is a directory, an object a file)
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { S3Storage } from '../../api/node-agent.ts';
import { type Service, startService } from './processes.ts';

/** Keys that nothing but the storage may ever show; tests look for them everywhere else. */
export const ACCESS_KEY_ID = 'CANARYACCESSKEYID';
export const SECRET_ACCESS_KEY = 'canary-secret-access-key-5f1d';

/** Test files run side by side, each in a process of a number of its own. */
const LANES = 8;
const lane = Number(process.env['VITEST_POOL_ID'] ?? 0) % LANES;
const given = new Set<number>();

/**
 * A TCP port of the loopback address that nobody listens on, and that no other test is given before its server
 * listens. Below 32768, where Linux takes the ports of outgoing connections from: one of those could take it meanwhile.
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = LANES * randomInt(2_500, 4_096) + lane;
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('no free port was found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A running S3 server. */
export class Storage implements AsyncDisposable {
  readonly endpoint: string;
  readonly #folder: string;
  readonly #run: () => Promise<Service>;
  #service: Service;

  private constructor(
    endpoint: string,
    folder: string,
    started: { run: () => Promise<Service>; service: Service },
  ) {
    this.endpoint = endpoint;
    this.#folder = folder;
    this.#run = started.run;
    this.#service = started.service;
  }

  /** Starts a server, with TLS if a certificate is given. */
  static async start(
    binary: string,
    folder: string,
    certificate?: { crt: string; key: string },
  ): Promise<Storage> {
    mkdirSync(folder, { recursive: true });
    const address = `127.0.0.1:${await findFreePort()}`;
    const tls = certificate ? ['--cert', certificate.crt, '--key', certificate.key] : [];
    const env = {
      PATH: process.env['PATH'],
      ROOT_ACCESS_KEY: ACCESS_KEY_ID,
      ROOT_SECRET_KEY: SECRET_ACCESS_KEY,
    };
    const args = ['--port', address, ...tls, 'posix', folder];
    const run = () => startService(binary, args, { env, ready: /S3 service|listening|started/i });
    const endpoint = `${certificate ? 'https' : 'http'}://${address}`;
    return new Storage(endpoint, folder, { run, service: await run() });
  }

  /** Nobody listens at the endpoint from now on. */
  async stop(): Promise<void> {
    await this.#service.stop('SIGKILL');
  }

  /** Listens again, unless it does, with what was stored. */
  async startAgain(): Promise<void> {
    const { exitCode, signalCode } = this.#service.child;
    if (exitCode !== null || signalCode !== null) this.#service = await this.#run();
  }

  /** What a claim's worker would send to the agent. */
  bucket(bucket: string, change: Partial<S3Storage> = {}): S3Storage {
    const keys = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY };
    const rest = { prefix: '', region: '', sessionToken: '', caCert: '' };
    return { bucket, endpoint: this.endpoint, ...rest, ...keys, ...change };
  }

  makeBucket(bucket: string, objects: Record<string, string> = {}): void {
    mkdirSync(join(this.#folder, bucket), { recursive: true });
    for (const [key, text] of Object.entries(objects)) this.put(bucket, key, text);
  }

  put(bucket: string, key: string, text: string): void {
    const path = join(this.#folder, bucket, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(bucket: string, key: string): string {
    return readFileSync(join(this.#folder, bucket, key), 'utf8');
  }

  /** Bytes of an object. */
  size(bucket: string, key: string): number {
    return statSync(join(this.#folder, bucket, key)).size;
  }

  has(bucket: string, key = ''): boolean {
    return existsSync(join(this.#folder, bucket, key));
  }

  list(): string[] {
    return readdirSync(this.#folder);
  }

  log(): string {
    return this.#service.output();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
  }
}
