// How does a command reach the console, and what does it say when it cannot?
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPONENT_LABEL, COMPONENTS, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { openConsole, parseConsoleUrl } from '../../../cli/console-api.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { CONSOLE_PATHS } from '../../../console/model/views.ts';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import { podsOf } from '../../builders/cluster-objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';
import { FakePodPorts } from '../../fakes/fake-pod-ports.ts';
import { waitUntil } from '../../wait-until.ts';

const ANSWER = { claims: [] };

let api: FakeApiServer;
let ports: FakePodPorts;
let pod: Server;
let requests: IncomingMessage[];
/** How the console answers. */
let reply: { status: number; body: string; location?: string };
let closes: (() => Promise<void> | void)[];

beforeEach(async () => {
  requests = [];
  closes = [];
  reply = { status: 200, body: JSON.stringify(ANSWER) };
  pod = createServer((request, response) => {
    requests.push(request);
    response.writeHead(reply.status, reply.location ? { location: reply.location } : {});
    response.end(reply.body);
  });
  await new Promise<void>((resolve) => pod.listen(0, '127.0.0.1', resolve));
  [api, ports] = await Promise.all([FakeApiServer.start(), FakePodPorts.start()]);
});

afterEach(async () => {
  for (const close of closes) await close();
  pod.closeAllConnections();
  await Promise.all([api.stop(), ports.stop(), new Promise((resolve) => pod.close(resolve))]);
});

const podPort = (): number => (pod.address() as AddressInfo).port;

function open(
  console?: string,
  kubeConfig = ports.kubeConfig,
  signal = new AbortController().signal,
) {
  const kubernetes = connectKubernetes(api.kubeConfig);
  closes.push(() => kubernetes.close());
  return openConsole({
    flags: { color: false, ...(console === undefined ? {} : { console }) },
    kubeConfig: () => kubeConfig,
    kubernetes: () => kubernetes,
    onClose: (close) => void closes.push(close),
    signal,
  });
}

function putController(name: string, ready: 'True' | 'False'): void {
  api.put(podsOf(SYSTEM_NAMESPACE), {
    metadata: {
      namespace: SYSTEM_NAMESPACE,
      name,
      labels: { [COMPONENT_LABEL]: COMPONENTS.controller },
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  });
  ports.ports.set(`${SYSTEM_NAMESPACE}/${name}:9815`, podPort());
}

describe('without --console', () => {
  it('is reached by a port-forward to a ready controller, for as many requests as it takes', async () => {
    putController('waits', 'False');
    ports.ports.clear();
    putController('ready', 'True');
    const console = await open();
    expect(await console.get(CONSOLE_PATHS.claims)).toEqual(ANSWER);
    expect(await console.get(`${CONSOLE_PATHS.claims}?namespace=shop`)).toEqual(ANSWER);
    expect(requests.map(({ url }) => url)).toEqual(['/api/claims', '/api/claims?namespace=shop']);
  });

  it('is reached although the controller waits for Temporal', async () => {
    putController('waits', 'False');
    expect(await (await open()).get(CONSOLE_PATHS.claims)).toEqual(ANSWER);
  });

  it('is not waited for after Ctrl-C', async () => {
    api.faults.listDelayMs = 5_000;
    const interrupt = new AbortController();
    const opening = open(undefined, ports.kubeConfig, interrupt.signal);
    await Promise.all([
      expect(opening).rejects.toThrow(expect.objectContaining({ name: 'AbortError' })),
      waitUntil('the controller is looked for', () => api.requests.length > 0).then(() =>
        interrupt.abort(),
      ),
    ]);
  });

  it('says when no controller runs', async () => {
    await expect(open()).rejects.toMatchObject({
      exitCode: EXIT_CODES.noAccess,
      message:
        'No controller runs in namespace dynvol-system: look at `kubectl get pods -n dynvol-system`',
    });
  });

  it('says which right a port-forward lacks', async () => {
    putController('ready', 'True');
    ports.refuse = 403;
    const console = await open();
    await expect(console.get(CONSOLE_PATHS.claims)).rejects.toMatchObject({
      exitCode: EXIT_CODES.noAccess,
      message: expect.stringMatching(/"create" on pods\/portforward in namespace dynvol-system$/),
    });
  });
});

describe('with --console', () => {
  const withToken = (): KubeConfig => {
    const config = new KubeConfig();
    const cluster = { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true };
    config.loadFromClusterAndUser(cluster, { name: 'u', token: 'secret' });
    return config;
  };

  it('gives the token to nobody without TLS', async () => {
    const console = await open(`http://127.0.0.1:${podPort()}`, withToken());
    expect(await console.get(CONSOLE_PATHS.claims)).toEqual(ANSWER);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('says so when there is no token to give', async () => {
    await expect(open('https://console.example.com')).rejects.toMatchObject({
      message: expect.stringContaining('takes a bearer token, and the kubeconfig has none'),
    });
  });

  it.each<[string, typeof reply, RegExp, number]>([
    [
      'keeps the words of the console',
      { status: 403, body: '{"message":"You may not list claims in shop."}' },
      /^You may not list claims in shop$/,
      EXIT_CODES.noAccess,
    ],
    [
      'knows what does not exist',
      { status: 404, body: '{"message":"There is no claim shop/x"}' },
      /^There is no claim shop\/x$/,
      EXIT_CODES.notFound,
    ],
    [
      'doubts that a stranger is the console',
      { status: 502, body: '<h1>Bad gateway</h1>' },
      /^The console at http:\S+ answered 502: is it the console of dynvol\?$/,
      EXIT_CODES.noAccess,
    ],
    [
      'doubts a page that is no JSON',
      { status: 200, body: '<h1>Welcome</h1>' },
      /^The console at http:\S+ answered 200: is it the console of dynvol\?$/,
      EXIT_CODES.noAccess,
    ],
    [
      'follows nobody elsewhere',
      { status: 302, body: '', location: 'http://127.0.0.1:9/' },
      /^The console at http:\S+ cannot be reached: /,
      EXIT_CODES.noAccess,
    ],
  ])('%s', async (_case, answer, message, exitCode) => {
    reply = answer;
    const console = await open(`http://127.0.0.1:${podPort()}`);
    await expect(console.get(CONSOLE_PATHS.claims)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      exitCode,
    });
  });

  it('keeps a path in front of the API', async () => {
    await (await open(`http://127.0.0.1:${podPort()}/dynvol/`)).get(CONSOLE_PATHS.claims);
    expect(requests[0]?.url).toBe('/dynvol/api/claims');
  });

  it.each([
    ['https://console.example.com:9816'],
    ['http://localhost:9815'],
    ['http://127.0.0.1:9815'],
    ['http://[::1]:9815'],
  ])('%s is usable', (url) => {
    expect(parseConsoleUrl(url).href).toBe(`${url}/`);
  });

  it.each([['http://console.example.com'], ['ftp://localhost'], ['localhost:9815'], ['']])(
    '%s is refused',
    (url) => {
      expect(() => parseConsoleUrl(url)).toThrow(/give https:\/\/host:port/);
    },
  );
});
