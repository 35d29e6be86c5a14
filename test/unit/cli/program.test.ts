// What does a command line say when it cannot be understood, and how does it look on a terminal?
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { runCli } from '../../../cli/program.ts';
import { putClaim } from '../../builders/cluster-objects.ts';
import { runCommand } from '../../builders/command-line.ts';
import type { Ran } from '../../builders/command-line.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

const now = (): Date => new Date('2026-01-01T00:05:00Z');

let api: FakeApiServer;

beforeEach(async () => {
  api = await FakeApiServer.start();
});

afterEach(() => api.stop());

/** Words of a line, in the namespace `shop`. */
function run(line: string): Promise<Ran> {
  return runCommand(['-n', 'shop', ...line.split(' ')], api.kubeConfig, { now });
}

describe('a command line', () => {
  it.each<[string, number, RegExp]>([
    ['frob', EXIT_CODES.usage, /^unknown command 'frob'\n/],
    ['get --frob', EXIT_CODES.usage, /^unknown option '--frob'\n/],
    ['get -o xml', EXIT_CODES.usage, /Allowed choices are json, yaml, wide, name/],
    ['tree -o name', EXIT_CODES.usage, /^-o name is not offered here: use -o json or -o yaml/],
    ...[
      'wait pictures',
      'logs pictures',
      'remount pictures',
      'detach pictures',
      'attach pictures',
      'completion bash',
    ].map((line): [string, number, RegExp] => [
      `${line} -o yaml`,
      EXIT_CODES.usage,
      /^-o yaml is not offered here: this command prints text; leave it out\.\n$/,
    ]),
    ...[
      'get pictures',
      'wait pictures',
      'events pictures',
      'attach pictures',
      'mount s3://photos web-1:/data',
      'completion bash',
      'doctor',
      'version',
    ].map((line): [string, number, RegExp] => [
      `${line} -l app=web`,
      EXIT_CODES.usage,
      /^-l app=web has no meaning here: .*\.\n$/,
    ]),
    ['wait pictures --timeout soon', EXIT_CODES.usage, /duration such as 30s/],
    [
      'top --console http://example.com',
      EXIT_CODES.usage,
      /^--console "http:\/\/example.com" is not usable: give https/,
    ],
  ])('%s ends with %i and says why', async (line, exitCode, stderr) => {
    const ran = await run(line);
    expect(ran).toMatchObject({ exitCode, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  it('may ask for help, which has the exit codes', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    for (const code of Object.values(EXIT_CODES))
      expect(stdout).toMatch(new RegExp(`^  ${code} `, 'm'));
  });

  it('of a cluster that is away ends in one sentence', async () => {
    const { kubeConfig } = api;
    await api.stop();
    const ran = await runCommand(['get'], kubeConfig);
    expect(ran).toMatchObject({ exitCode: EXIT_CODES.noAccess, stdout: '' });
    expect(ran.stderr).toMatch(
      /^The API server http:\S+ cannot be reached: the connection is refused\.\n$/,
    );
    api = await FakeApiServer.start();
  });

  /** As {@link run}, on a terminal unless it is said otherwise. */
  async function show(line: string, environment = {}, isTTY = true): Promise<string> {
    let shown = '';
    const write = (text: string): string => (shown += text);
    await runCli(['-n', 'shop', ...line.split(' ')], {
      environment,
      stdout: { isTTY, write },
      stderr: { write },
      now,
      signal: new AbortController().signal,
      kubeConfig: api.kubeConfig,
    });
    return shown;
  }

  it('has colours on a terminal, unless they are not wanted', async () => {
    putClaim(api);
    const isColoured = (shown: string): boolean => shown.includes('\u001B[');
    expect(await show('get')).toContain('\u001B[32mReady\u001B[0m');
    expect(isColoured(await show('get', {}, false))).toBe(false);
    expect(isColoured(await show('get --no-color'))).toBe(false);
    expect(isColoured(await show('get', { NO_COLOR: '1' }))).toBe(false);
    expect(isColoured(await show('get', { TERM: 'dumb' }))).toBe(false);
  });

  it('tells a person, and no program, where to go on from a failure', async () => {
    putClaim(api, { reason: 'DNSFailed' });
    const hint = 'Why, and what to do: kubectl dynvol explain pictures -n shop';
    // Colours of stdout say nothing of stderr, which may be a file.
    expect(await show('get')).toContain(`\n${hint}\n`);
    expect(await show('get', {}, false)).not.toContain(hint);
  });

  it('completes names of claims', async () => {
    putClaim(api);
    putClaim(api, { name: 'models' });
    const words = ['__complete', '--', 'explain', '-n', 'shop', 'pi'];
    expect((await runCommand(words, api.kubeConfig)).stdout).toBe('pictures\n:4\n');
  });
});
