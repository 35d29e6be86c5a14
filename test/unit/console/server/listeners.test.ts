// Where does the console listen, and who is let in there?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole } from '../../../../console/server/server.ts';
import type { Console, ConsoleOptions } from '../../../../console/server/server.ts';
import { FakeConsole } from '../../../builders/console.ts';
import { aClaim } from '../../../builders/objects.ts';
import { Authority } from '../../../node/certificates.ts';
import { findFreePort } from '../../../node/storage.ts';
import { waitUntil } from '../../../wait-until.ts';

const dir = mkdtempSync(join(tmpdir(), 'console-'));
const fake = new FakeConsole({ rights: { admin: ['*'] } });
const logged: string[] = [];
let started: Console;

function buildOptions(changes: Partial<ConsoleOptions> = {}): ConsoleOptions {
  return {
    view: fake.cluster.view,
    workflows: { explain: async () => undefined, readHistory: async () => ({}) },
    readMounts: async () => fake.mounts,
    mayServe: () => true,
    reviewToken: (token) => fake.reviewToken(token),
    reviewAccess: (user, access) => fake.reviewAccess(user, access),
    ports: { loopback: 0, pod: 0 },
    tlsDir: dir,
    filesDir: dir,
    log: pino({ level: 'info' }, { write: (line) => void logged.push(line) }),
    ...changes,
  };
}

beforeAll(async () => {
  const authority = await Authority.make(dir);
  await authority.issue('tls', 'DNS:localhost');
  writeFileSync(join(dir, 'index.html'), '<!doctype html>');
  fake.cluster.put(aClaim());
  started = await startConsole(buildOptions());
});

afterAll(async () => {
  await started.close();
  rmSync(dir, { recursive: true });
});

interface Asked {
  tls?: boolean;
  path?: string;
  headers?: Record<string, string>;
}

function ask({ tls = false, path = '/api/claims', headers = {} }: Asked) {
  const port = tls ? started.ports.pod : started.ports.loopback;
  const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false };
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = (tls ? httpsRequest : httpRequest)(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end();
  });
}

it('shows everything on the loopback, without a token', async () => {
  const { status, body } = await ask({});
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ claims: [{ name: 'pictures' }] });
  expect(await ask({ path: '/' })).toMatchObject({ status: 200, body: '<!doctype html>' });
});

it.each(['localhost', 'localhost:9815', '127.0.0.1:1234', '[::1]:9815', 'LOCALHOST:80'])(
  'takes a request for %s on the loopback',
  async (host) => {
    expect(await ask({ headers: { host } })).toMatchObject({ status: 200 });
  },
);

it.each([
  'evil.example',
  'localhost.evil.example',
  'evil.example:9815',
  '10.0.0.1',
  '127.0.0.1.nip.io',
])(
  'refuses a request for %s on the loopback: a name of somebody that leads there',
  async (host) => {
    for (const path of ['/', '/api/claims', '/api/stream']) {
      const { status, body } = await ask({ path, headers: { host } });
      expect(status).toBe(403);
      expect(JSON.parse(body)).toEqual({
        message:
          'This address is for `kubectl port-forward` alone: open it as http://localhost:<port>',
      });
    }
  },
);

it('wants TLS and a token elsewhere, by whatever name it is called', async () => {
  const headers = { host: 'dynvol-console.dynvol-system.svc' };
  expect(await ask({ tls: true, headers })).toMatchObject({ status: 401 });
  expect(await ask({ tls: true, path: '/', headers })).toMatchObject({ status: 200 });
  const authorization = 'Bearer admin';
  expect(await ask({ tls: true, headers: { ...headers, authorization } })).toMatchObject({
    status: 200,
  });
});

it('takes 500 connections at one listener, which leave the other one alone', async () => {
  const other = await startConsole(buildOptions());
  let closed = 0;
  const sockets = Array.from({ length: 501 }, () =>
    connect(other.ports.pod, '127.0.0.1')
      .on('error', () => {})
      .on('close', () => (closed += 1)),
  );
  await waitUntil('one is refused', () => closed > 0, 10_000);
  expect(closed).toBe(1);
  const free = connect(other.ports.loopback, '127.0.0.1');
  free.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await waitUntil('the other one answers', () => free.bytesRead > 0, 10_000);
  for (const socket of [...sockets, free]) socket.destroy();
  await other.close();
});

it('says which port it cannot have', async () => {
  const occupant = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => occupant.once('listening', resolve));
  const { port } = occupant.address() as AddressInfo;
  const options = buildOptions({ ports: { loopback: port, pod: 0 } });
  await expect(startConsole(options)).rejects.toThrow(
    `The console cannot listen on port ${port} of 127.0.0.1`,
  );
  occupant.close();
});

it('gives the one port back when it cannot have the other', async () => {
  const loopback = await findFreePort();
  const ports = { loopback, pod: started.ports.pod };
  await expect(startConsole(buildOptions({ ports }))).rejects.toThrow('of ::');

  const other = await startConsole(buildOptions({ ports: { loopback, pod: 0 } }));
  await other.close();
});

it('serves its API without a page, and says so once', async () => {
  logged.length = 0;
  const other = await startConsole(buildOptions({ filesDir: join(dir, 'nowhere') }));
  await other.close();
  const warnings = logged.map((line) => JSON.parse(line) as { level: number; msg: string });
  expect(warnings.filter(({ level }) => level === 40)).toEqual([
    expect.objectContaining({ msg: 'Console has no page' }),
  ]);
});
