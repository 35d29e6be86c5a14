// What does a person read while a command is silent?
import type { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createContext } from '../../../cli/context.ts';
import type { OwnedContext } from '../../../cli/context.ts';
import { runCli } from '../../../cli/program.ts';
import { FakeConsole } from '../../builders/console.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

let api: FakeApiServer;
let kubeConfig: KubeConfig;
let stderr: string;

beforeEach(async () => {
  api = await FakeApiServer.start();
  kubeConfig = api.kubeConfig;
  stderr = '';
});

afterEach(() => api.stop());

function aSystem(isTTY = true) {
  return {
    environment: {},
    stdout: { write: () => true },
    stderr: { isTTY, write: (text: string) => (stderr += text) },
    now: () => new Date(),
    signal: new AbortController().signal,
    kubeConfig,
  };
}

describe('a command that is silent', () => {
  let context: OwnedContext;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    context = createContext(aSystem(), () => ({ color: true }));
  });

  afterEach(async () => {
    await context.close();
    vi.useRealTimers();
  });

  it('says once where it looks, after more than a second', () => {
    context.kubernetes();
    context.kubernetes();
    vi.advanceTimersByTime(1_400);
    expect(stderr).toBe('');
    vi.advanceTimersByTime(60_000);
    expect(stderr).toBe(`Looking at the cluster ${kubeConfig.getCurrentCluster()?.server} …\n`);
  });

  it('says what it does now, and what it does next', () => {
    context.kubernetes();
    context.progress('Asking the controller');
    vi.advanceTimersByTime(1_500);
    context.progress('Measuring');
    expect(stderr).toBe('Asking the controller …\nMeasuring …\n');
  });

  it.each<[string, () => unknown]>([
    ['an answer', () => context.print('pictures')],
    ['a hint', () => context.tell('pictures')],
    ['its end', () => context.close()],
  ])('says nothing more after %s', async (_what, end) => {
    context.kubernetes();
    await end();
    stderr = '';
    vi.advanceTimersByTime(60_000);
    expect(stderr).toBe('');
  });

  it('says nothing to a program', () => {
    const other = createContext(aSystem(false), () => ({ color: true }));
    other.progress('Measuring');
    vi.advanceTimersByTime(60_000);
    expect(stderr).toBe('');
  });
});

it('tells a person at a terminal that top measures', async () => {
  const app = new FakeConsole().buildOpenApp();
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const exitCode = await runCli(['top', '-A', '--console', url, '--interval', '1600ms'], aSystem());
  await app.close();
  expect(exitCode).toBe(0);
  expect(stderr).toBe('Measuring for 1.6 s …\nNothing is mounted here.\n');
});
