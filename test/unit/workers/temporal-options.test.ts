// Does the controller show Temporal its certificate and its key? (a gRPC server that speaks TLS, and the real client)
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTemporal } from '../../../workers/temporal.ts';
import { readTemporalOptions } from '../../../workers/temporal-options.ts';
import { Authority } from '../../node/certificates.ts';

const log = pino({ level: 'silent' });

let dir: string;
let authority: Authority;
let server: Server;
let address: string;
const authorizations: unknown[] = [];

/** Answers the one call of a client that connects; wants a certificate of the authority. */
async function startFrontend(): Promise<void> {
  const { crt, key } = await authority.issue('frontend', 'DNS:temporal.example.com');
  server = new Server();
  const same = (bytes: Buffer) => bytes;
  const path = '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo';
  const call = { path, requestStream: false, responseStream: false };
  const serialize = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService(
    { GetSystemInfo: { ...call, ...serialize } },
    {
      GetSystemInfo: (
        { metadata }: { metadata: Metadata },
        answer: (error: null, value: Buffer) => void,
      ) => {
        authorizations.push(...metadata.get('authorization'));
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const pair = { cert_chain: readFileSync(crt), private_key: readFileSync(key) };
  const credentials = ServerCredentials.createSsl(
    readFileSync(authority.certificate),
    [pair],
    true,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  address = `127.0.0.1:${port}`;
}

/** A folder as the Secret is mounted. */
async function makeSecret(name: string, withCertificate: boolean): Promise<string> {
  const folder = join(dir, name);
  mkdirSync(folder);
  copyFileSync(authority.certificate, join(folder, 'ca.crt'));
  if (!withCertificate) return folder;
  const { crt, key } = await authority.issue(name, 'DNS:controller');
  copyFileSync(crt, join(folder, 'tls.crt'));
  copyFileSync(key, join(folder, 'tls.key'));
  return folder;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dynvol-temporal-tls-'));
  mkdirSync(join(dir, 'authority'));
  authority = await Authority.make(join(dir, 'authority'));
  await startFrontend();
});
afterAll(() => {
  server.forceShutdown();
  rmSync(dir, { recursive: true });
});

function settings(tlsDir: string) {
  return {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_TLS: true,
    TEMPORAL_TLS_DIR: tlsDir,
    TEMPORAL_TLS_SERVER_NAME: 'temporal.example.com',
  };
}

describe('connectTemporal', () => {
  it('shows its certificate and its API key to a server of another name', async () => {
    const keyFile = join(dir, 'api-key');
    writeFileSync(keyFile, 'secret-key\n');
    const given = { ...settings(await makeSecret('full', true)), TEMPORAL_API_KEY_FILE: keyFile };

    const connection = await connectTemporal(given, log, new AbortController().signal);
    await connection.close();

    expect(authorizations).toContain('Bearer secret-key');
  });

  it.each([
    ['has no certificate', async () => settings(await makeSecret('bare', false))],
    [
      'trusts public authorities alone',
      async () => ({ ...settings(''), TEMPORAL_TLS_DIR: undefined }),
    ],
  ])('goes on trying when it %s', async (_, give) => {
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<string>();
    const told = pino({ level: 'warn' }, { write: (line: string) => resolve(line) });
    const { TEMPORAL_TLS_DIR, ...rest } = await give();
    const given = { ...rest, ...(TEMPORAL_TLS_DIR === undefined ? {} : { TEMPORAL_TLS_DIR }) };
    const connecting = connectTemporal(given, told, stop.signal);
    connecting.catch(() => {});

    const line = await promise;
    stop.abort();

    expect(JSON.parse(line)).toMatchObject({ address, msg: 'Temporal could not be reached' });
    await expect(connecting).rejects.toThrow('aborted');
  });
});

describe('readTemporalOptions', () => {
  it('speaks no TLS unless it is told to', () => {
    expect(readTemporalOptions({ TEMPORAL_ADDRESS: 'temporal:7233' })).toEqual({
      address: 'temporal:7233',
    });
  });

  it.each([
    ['tls.crt', 'tls.key'],
    ['tls.key', 'tls.crt'],
  ])('takes no %s without %s', (given, missing) => {
    const folder = mkdtempSync(join(dir, 'half-'));
    writeFileSync(join(folder, given), 'x');

    expect(() => readTemporalOptions(settings(folder))).toThrow(
      `has ${given} and no ${missing}: a client certificate needs both`,
    );
  });

  it('reads files anew each time', () => {
    const keyFile = join(dir, 'rotated-key');
    const given = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_API_KEY_FILE: keyFile };
    const read = (key: string) => {
      writeFileSync(keyFile, key);
      return readTemporalOptions(given).apiKey;
    };

    expect([read('one'), read('two')]).toEqual(['one', 'two']);
  });
});
