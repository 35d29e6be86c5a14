// How does `kubectl dynvol` end as a process: with which code, and with which last words?
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { claimsOf, putClaim } from '../../builders/cluster-objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';
import { Authority } from '../../node/certificates.ts';
import { waitUntil } from '../../wait-until.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'cli-'));
const program = join(folder, 'kubectl-dynvol');

let api: FakeApiServer;

beforeAll(() => void execFileSync(process.execPath, ['cli/build.ts', folder], { cwd: ROOT }));

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  api = await FakeApiServer.start();
});

afterEach(() => api.stop());

interface Start {
  kubeConfig?: KubeConfig;
  environment?: Record<string, string>;
  /** File descriptor in the place of stdout. */
  stdout?: number;
  /** Code that runs before the program. */
  before?: string;
}

function start(line: string, { kubeConfig, environment, stdout, before }: Start = {}) {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, (kubeConfig ?? api.kubeConfig).exportConfig());
  const hook =
    before === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(before)}`];
  const words = [...line.split(' '), '-n', 'shop', '--kubeconfig', file];
  const child = spawn(process.execPath, [...hook, program, ...words], {
    env: { HOME: folder, ...environment },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  const stderr = text(child.stderr!);
  const end = async (): Promise<{ exitCode: unknown; stderr: string }> => {
    const [exitCode] = (await once(child, 'close')) as unknown[];
    return { exitCode, stderr: await stderr };
  };
  return { child, ended: end() };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('the process ends', () => {
  it('with the code of its command, having said all', async () => {
    putClaim(api);
    const { child, ended } = start('get');
    const stdout = text(child.stdout!);
    expect(await ended).toEqual({ exitCode: EXIT_CODES.ok, stderr: '' });
    expect(await stdout).toContain('pictures');
  });

  it('with what is wrong with the command line', async () => {
    expect(await start('get --frob').ended).toEqual({
      exitCode: EXIT_CODES.usage,
      stderr: expect.stringMatching(/^unknown option '--frob'\n/),
    });
  });

  it.each([
    ['is thrown', `throw new Error('odd')`],
    ['is rejected', `void Promise.reject(new Error('odd'))`],
  ])('in one sentence when something %s where nobody waits for it', async (_what, fail) => {
    const before = `process.on('newListener', (name) => {
      if (name === 'uncaughtException') setImmediate(() => { ${fail} });
    });`;
    expect(await start('get -w', { before }).ended).toEqual({
      exitCode: EXIT_CODES.failed,
      stderr: 'odd.\n',
    });
  });

  it('in one sentence when the cluster answers something else than JSON', async () => {
    const server = createServer((_request, response) => void response.end('<h1>Welcome</h1>'));
    const kubeConfig = new KubeConfig();
    const cluster = { name: 'c', server: `http://127.0.0.1:${await listen(server)}` };
    kubeConfig.loadFromClusterAndUser({ ...cluster, skipTLSVerify: true }, { name: 'u' });
    const { exitCode, stderr } = await start('get', { kubeConfig }).ended;
    server.close();
    expect(exitCode).toBe(EXIT_CODES.failed);
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
  });

  it('quietly when its reader has read enough', async () => {
    const { child, ended } = start('completion bash');
    child.stdout!.destroy();
    expect(await ended).toEqual({ exitCode: EXIT_CODES.ok, stderr: '' });
  });

  it('as failed when its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const { ended } = start('completion bash', { stdout: full });
    closeSync(full);
    expect(await ended).toEqual({
      exitCode: EXIT_CODES.failed,
      stderr: expect.stringMatching(/^The output cannot be written: ENOSPC[^\n]*\.\n$/),
    });
  });

  it('as interrupted with Ctrl-C', async () => {
    const { child, ended } = start('get -w');
    await waitUntil('the claims are watched', () => api.openWatches(claimsOf('shop')) > 0);
    child.kill('SIGINT');
    expect(await ended).toEqual({ exitCode: EXIT_CODES.interrupted, stderr: '' });
  });
});

describe('a console with TLS', () => {
  let authority: Authority;
  let console: Server;
  let tokens: (string | undefined)[];

  beforeAll(async () => {
    authority = await Authority.make(folder);
    await authority.issue('console', 'IP:127.0.0.1');
  });

  beforeEach(() => {
    tokens = [];
    const [key, cert] = ['key', 'crt'].map((end) => readFileSync(join(folder, `console.${end}`)));
    console = createTlsServer({ key, cert }, ({ headers }, response) => {
      tokens.push(headers.authorization);
      response.end(JSON.stringify({ mounts: [], unreachableNodes: [] }));
    });
  });

  afterEach(() => void console.close());

  async function top(environment: Record<string, string>) {
    const kubeConfig = new KubeConfig();
    const cluster = { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true };
    kubeConfig.loadFromClusterAndUser(cluster, { name: 'u', token: 'secret' });
    const url = `https://127.0.0.1:${await listen(console)}`;
    return start(`top --interval 1ms --console ${url}`, { kubeConfig, environment }).ended;
  }

  it('is given the token of the kubeconfig', async () => {
    const ended = await top({ NODE_EXTRA_CA_CERTS: authority.certificate });
    expect(ended).toEqual({ exitCode: EXIT_CODES.ok, stderr: 'Nothing is mounted here.\n' });
    expect(tokens).toEqual(['Bearer secret', 'Bearer secret']);
  });

  it('is given nothing when nobody trusted has signed its certificate', async () => {
    expect(await top({})).toEqual({
      exitCode: EXIT_CODES.noAccess,
      stderr: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(tokens).toEqual([]);
  });
});
