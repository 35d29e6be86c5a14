// Do requests survive what keep-alive connections and proxies do?
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from 'vitest';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';

let server: Server;
let connection: KubernetesConnection;

async function serve(listener: RequestListener, user = {}, proxied = ''): Promise<void> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  const address = `http://127.0.0.1:${port}/`;
  const proxy = proxied === '' ? {} : { proxyUrl: address };
  const cluster = { name: 'test', server: proxied || address, skipTLSVerify: true, ...proxy };
  config.loadFromClusterAndUser(cluster, { name: 'test', ...user });
  connection = connectKubernetes(config);
}

afterEach(async () => {
  connection.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('send', () => {
  it('sends identity, content type and body, and parses the answer', async () => {
    await serve(
      (request, response) => {
        const { authorization, 'content-type': type } = request.headers;
        request.setEncoding('utf8').on('data', (body: string) => {
          response.end(JSON.stringify({ method: request.method, authorization, type, body }));
        });
      },
      { token: 'letmein' },
    );

    const body = [{ op: 'test', path: '/metadata/uid', value: 'ü' }];
    const answer = await connection.send({ method: 'PATCH', path: '/x', patch: 'json', body });

    expect(answer).toEqual({
      method: 'PATCH',
      authorization: 'Bearer letmein',
      type: 'application/json-patch+json',
      body: JSON.stringify(body),
    });
  });

  it('goes through the proxy of the kubeconfig', async () => {
    const api = 'http://k8s.invalid:6443';
    await serve((request, response) => response.end(JSON.stringify(request.headers.host)), {}, api);
    const tunnels: (string | undefined)[] = [];
    server.on('connect', (request, socket) => {
      tunnels.push(request.url);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      server.emit('connection', socket);
    });

    expect(await connection.send({ method: 'GET', path: '/version' })).toBe('k8s.invalid:6443');
    expect(tunnels).toEqual(['k8s.invalid:6443']);
  });

  it('never goes past the proxy of the kubeconfig', async () => {
    const config = new KubeConfig();
    const cluster = { name: 'test', server: 'http://127.0.0.1:1', skipTLSVerify: true };
    config.loadFromClusterAndUser({ ...cluster, proxyUrl: 'http://127.0.0.1:2' }, { name: 'test' });
    config.applyToHTTPSOptions = () => Promise.resolve();
    const withoutAgent = connectKubernetes(config);

    const sent = withoutAgent.send({ method: 'GET', path: '/' });

    await expect(sent).rejects.toThrow('proxy-url');
    withoutAgent.close();
  });

  it('sends again when a kept connection was closed under it', async () => {
    let requests = 0;
    await serve((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.resetAndDestroy();
      else response.end(JSON.stringify({ requests }));
    });
    await connection.send({ method: 'GET', path: '/first' });

    const answer = await connection.send({ method: 'POST', path: '/second', body: {} });

    expect(answer).toEqual({ requests: 3 });
  });

  it('does not send again on a fresh connection', async () => {
    let requests = 0;
    await serve((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });

    await expect(connection.send({ method: 'GET', path: '/' })).rejects.toThrow('ECONNRESET');
    expect(requests).toBe(1);
  });

  it.each([
    [
      'a Status',
      JSON.stringify({ code: 409, reason: 'AlreadyExists', message: 'pods "a" already exists' }),
      {
        status: 409,
        reason: 'AlreadyExists',
        message: 'GET /x was answered 409: pods "a" already exists',
      },
    ],
    [
      'a page of a proxy',
      '<h1>No</h1>',
      { status: 409, reason: '', message: 'GET /x was answered 409: <h1>No</h1>' },
    ],
  ])('throws what %s says', async (_case, body, error) => {
    await serve((_request, response) => response.writeHead(409).end(body));

    await expect(connection.send({ method: 'GET', path: '/x?limit=1' })).rejects.toMatchObject(
      error,
    );
  });

  it('ends when the signal aborts', async () => {
    await serve(() => undefined);

    const sent = connection.send({ method: 'GET', path: '/' }, AbortSignal.timeout(20));

    await expect(sent).rejects.toThrow('aborted');
  });
});

describe('stream', () => {
  it('yields whole lines, however the bytes arrive', async () => {
    await serve((_request, response) => {
      const bytes = Buffer.from('{"a":"ü"}\n{"b":1}\n');
      const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
      Readable.from(chunks).pipe(response);
    });

    const lines = [];
    for await (const line of connection.stream('/', AbortSignal.timeout(2_000))) lines.push(line);

    expect(lines).toEqual(['{"a":"ü"}', '{"b":1}']);
  });

  it('yields a last line without a newline when the answer ends', async () => {
    await serve((_request, response) => response.end('started\npanic: no storage'));

    const lines = [];
    for await (const line of connection.stream('/', AbortSignal.timeout(2_000))) lines.push(line);

    expect(lines).toEqual(['started', 'panic: no storage']);
  });

  it('throws when the answer breaks off, and yields no part of a line', async () => {
    await serve((_request, response) => {
      response.write('{"a":1}\n{"b"', () => response.socket?.destroySoon());
    });

    const lines: string[] = [];
    const read = async () => {
      for await (const line of connection.stream('/', AbortSignal.timeout(2_000))) lines.push(line);
    };

    await expect(read()).rejects.toThrow('aborted');
    expect(lines).toEqual(['{"a":1}']);
  });

  it('throws what the server answers instead of a stream', async () => {
    const status = { code: 410, reason: 'Expired', message: 'too old' };
    await serve((_request, response) => response.writeHead(410).end(JSON.stringify(status)));

    const first = connection.stream('/', AbortSignal.timeout(2_000)).next();

    await expect(first).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });
});
