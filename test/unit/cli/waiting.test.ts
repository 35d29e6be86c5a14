// Does a command that waits see each change, end in time, and end with Ctrl-C?
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliSystem } from '../../../cli/context.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { runCli } from '../../../cli/program.ts';
import { aClaimObject, aClaimPod, claimsOf, putClaim } from '../../builders/cluster-objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';
import { waitUntil } from '../../wait-until.ts';

const CLAIMS = claimsOf('shop');

let api: FakeApiServer;

beforeEach(async () => {
  api = await FakeApiServer.start();
});

afterEach(() => api.stop());

/** A command that goes on while the test does. */
function start(line: string) {
  const interrupt = new AbortController();
  const seen = { stdout: '', stderr: '' };
  const system: CliSystem = {
    environment: {},
    stdout: { write: (text) => (seen.stdout += text) },
    stderr: { write: (text) => (seen.stderr += text) },
    now: () => new Date('2026-01-01T00:05:00Z'),
    signal: interrupt.signal,
    kubeConfig: api.kubeConfig,
  };
  const ended = runCli(['-n', 'shop', ...line.split(' ')], system);
  return { seen, ended, interrupt: () => interrupt.abort() };
}

const untilWatched = (): Promise<void> =>
  waitUntil('the claims are watched', () => api.openWatches(CLAIMS) > 0);

describe('wait', () => {
  it('ends at once when the claim is as wanted', async () => {
    putClaim(api, { pods: [aClaimPod('web-1')] });
    const { seen, ended } = start('wait pictures');
    expect(await ended).toBe(EXIT_CODES.ok);
    expect(seen).toEqual({ stdout: 'shop/pictures is ready (1/1 pods)\n', stderr: '' });
  });

  it('sees each of several claims become ready', async () => {
    putClaim(api, { reason: 'Attaching' });
    putClaim(api, { name: 'models', reason: 'Attaching' });
    const { seen, ended } = start('wait pictures models');
    await untilWatched();
    putClaim(api);
    await waitUntil('the first is told', () => seen.stdout !== '');
    putClaim(api, { name: 'models' });
    expect(await ended).toBe(EXIT_CODES.ok);
    expect(seen.stdout).toBe(
      'shop/pictures is ready (0/0 pods)\nshop/models is ready (0/0 pods)\n',
    );
  });

  it('tells what it waits for once a second is over, and each change', async () => {
    putClaim(api, { reason: 'Attaching', message: 'first' });
    const { seen, ended } = start('wait pictures');
    await waitUntil('progress is told', () => seen.stderr !== '');
    putClaim(api, { reason: 'Attaching', message: 'second' });
    await waitUntil('the change is told', () => seen.stderr.includes('second'));
    putClaim(api);
    expect(await ended).toBe(EXIT_CODES.ok);
    expect(seen.stderr.split('\n')).toEqual([
      'shop/pictures is not ready (0/0 pods): Attaching. first …',
      'shop/pictures is not ready (0/0 pods): Attaching. second …',
      '',
    ]);
  });

  it('says how it stands when the time is over', async () => {
    putClaim(api, { reason: 'DNSFailed', message: 'no such host' });
    const { seen, ended } = start('wait pictures --timeout 300ms');
    expect(await ended).toBe(EXIT_CODES.timeOver);
    expect(seen.stderr).toBe(
      'After 300 ms, claim shop/pictures is not ready (0/0 pods): DNSFailed. no such host.\n',
    );
  });

  it('is over in time when the API server is silent', async () => {
    putClaim(api);
    api.faults.listDelayMs = 5_000;
    const { seen, ended } = start('wait pictures --timeout 100ms');
    expect(await ended).toBe(EXIT_CODES.timeOver);
    expect(seen.stderr).toContain('could not be looked at yet');
  });

  it('does not wait for a claim that does not exist', async () => {
    putClaim(api);
    const { seen, ended } = start('wait picture');
    expect(await ended).toBe(EXIT_CODES.notFound);
    expect(seen.stderr).toContain('did you mean "pictures"?');
  });

  it('does not wait for one that was deleted meanwhile', async () => {
    putClaim(api, { reason: 'Attaching' });
    const { seen, ended } = start('wait pictures');
    await untilWatched();
    api.delete(CLAIMS, { namespace: 'shop', name: 'pictures' });
    expect(await ended).toBe(EXIT_CODES.failed);
    expect(seen.stderr).toBe('Claim shop/pictures was deleted.\n');
  });

  it('sees a claim go, and is content with one that never was', async () => {
    putClaim(api);
    const { seen, ended } = start('wait pictures models --for=deleted');
    await untilWatched();
    api.delete(CLAIMS, { namespace: 'shop', name: 'pictures' });
    expect(await ended).toBe(EXIT_CODES.ok);
    expect(seen.stdout).toContain('shop/models is gone\n');
    expect(seen.stdout).toContain('shop/pictures is gone\n');
  });

  it('ends with Ctrl-C', async () => {
    putClaim(api, { reason: 'Attaching' });
    const { ended, interrupt } = start('wait pictures');
    await untilWatched();
    interrupt();
    expect(await ended).toBe(EXIT_CODES.interrupted);
  });
});

describe('get -w', () => {
  it('shows each change below the list, and ends with Ctrl-C', async () => {
    putClaim(api);
    const { seen, ended, interrupt } = start('get -w');
    await untilWatched();
    putClaim(api, { reason: 'DNSFailed' });
    await waitUntil('the change is shown', () => seen.stdout.includes('Failed'));
    api.delete(CLAIMS, { namespace: 'shop', name: 'pictures' });
    await waitUntil('the end is shown', () => seen.stdout.includes('Gone'));
    interrupt();
    expect(await ended).toBe(EXIT_CODES.interrupted);
    expect(
      seen.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/)[1]),
    ).toEqual(['STATUS', 'Ready', 'Failed', 'Gone']);
    expect(seen.stderr).toBe('');
  });

  it('tells what it missed when its position is lost', async () => {
    putClaim(api);
    const { seen, ended, interrupt } = start('get -w');
    await untilWatched();
    api.expireWatches();
    api.delete(CLAIMS, { namespace: 'shop', name: 'pictures' });
    api.put(CLAIMS, aClaimObject({ name: 'models', reason: 'NoMatchingPods' }));
    await waitUntil('both are told', () => /models/.test(seen.stdout) && /Gone/.test(seen.stdout));
    interrupt();
    await ended;
    expect(seen.stderr).toBe('');
  });

  it('says once that the API server is away, and goes on when it is back', async () => {
    putClaim(api);
    const { seen, ended, interrupt } = start('get -w');
    await untilWatched();
    api.faults.failures = 2;
    api.cutConnections();
    await waitUntil('it is watched again', () => seen.stderr !== '' && api.openWatches(CLAIMS) > 0);
    putClaim(api, { reason: 'DNSFailed' });
    await waitUntil('the change is shown', () => seen.stdout.includes('Failed'));
    interrupt();
    await ended;
    expect(seen.stderr).toBe('The API server does not answer; trying again …\n');
  });

  it('ends when the right to watch is missing', async () => {
    putClaim(api);
    api.faults.refuse = ({ searchParams }) =>
      searchParams.has('watch') ? { status: 403, reason: 'Forbidden' } : undefined;
    const { seen, ended } = start('get -w');
    expect(await ended).toBe(EXIT_CODES.noAccess);
    expect(seen.stdout).toContain('pictures');
  });

  it('fails at once when the first list does', async () => {
    api.faults.refuse = () => ({ status: 403, reason: 'Forbidden' });
    const { seen, ended } = start('get -w');
    expect(await ended).toBe(EXIT_CODES.noAccess);
    expect(seen.stderr).toMatch(/^The API server does not allow it: .*\.\n$/);
  });
});
