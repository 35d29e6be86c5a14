// Which Events does a person see while claims and pods come and go?
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { runCli } from '../../../cli/program.ts';
import { ALL_CLAIMS, aClaimPod, claimsOf, putClaim } from '../../builders/cluster-objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';
import { waitUntil } from '../../wait-until.ts';

const GROUP_PATH = '/apis/events.k8s.io/v1';
const EVENTS = `${GROUP_PATH}/namespaces/shop/events`;
const ALL_EVENTS = `${GROUP_PATH}/events`;

let api: FakeApiServer;

beforeEach(async () => {
  api = await FakeApiServer.start();
});

afterEach(() => api.stop());

/** A command that goes on while the test does. */
function start(line: string) {
  const interrupt = new AbortController();
  const seen = { stdout: '', stderr: '' };
  const ended = runCli(line.split(' '), {
    environment: {},
    stdout: { write: (text) => (seen.stdout += text) },
    stderr: { write: (text) => (seen.stderr += text) },
    now: () => new Date('2026-01-01T00:05:00Z'),
    signal: interrupt.signal,
    kubeConfig: api.kubeConfig,
  });
  const untilSeen = (text: string): Promise<void> =>
    waitUntil(`${text} is seen`, () => seen.stdout.includes(text));
  const stop = (): Promise<number> => {
    interrupt.abort();
    return ended;
  };
  return { seen, ended, untilSeen, stop };
}

function putEvent(note: string, kind: string, name: string, namespace = 'shop', path = EVENTS) {
  api.put(path, {
    metadata: { namespace, name: note },
    eventTime: '2026-01-01T00:04:00Z',
    note,
    regarding: { kind, namespace, name },
  });
}

const untilWatched = (): Promise<void> =>
  waitUntil('the Events are watched', () => api.openWatches(EVENTS) > 0);

it('with labels are those of the namespace that has the claim', async () => {
  api.put(ALL_CLAIMS, { metadata: { namespace: 'shop', name: 'pictures' } });
  putEvent('wanted', 'DynamicVolumeClaim', 'pictures', 'shop', ALL_EVENTS);
  putEvent('foreign', 'DynamicVolumeClaim', 'pictures', 'lab', ALL_EVENTS);
  const { seen, ended } = start('events -A -l team=a');
  expect(await ended).toBe(EXIT_CODES.ok);
  expect(seen.stdout).toContain('wanted');
  expect(seen.stdout).not.toContain('foreign');
});

it('are also those of a pod that comes later, and of one that has left', async () => {
  putClaim(api, { pods: [aClaimPod('web-1')] });
  const { seen, untilSeen, stop } = start('-n shop events pictures -w');
  await untilWatched();
  putClaim(api, { pods: [aClaimPod('web-2')] });
  putEvent('foreign', 'Pod', 'db-1');
  putEvent('came', 'Pod', 'web-2');
  putEvent('left', 'Pod', 'web-1');
  await untilSeen('left');
  expect(seen.stdout).toContain('came');
  expect(seen.stdout).not.toContain('foreign');
  expect(await stop()).toBe(EXIT_CODES.interrupted);
});

it('are also those of a labelled claim that comes later, and of one that is gone', async () => {
  putClaim(api);
  const { untilSeen, stop } = start('-n shop events -l team=a -w');
  await untilWatched();
  putClaim(api, { name: 'models' });
  api.delete(claimsOf('shop'), { namespace: 'shop', name: 'pictures' });
  putEvent('came', 'DynamicVolumeClaim', 'models');
  putEvent('left', 'DynamicVolumeClaim', 'pictures');
  await untilSeen('came');
  await untilSeen('left');
  await stop();
});

it('go on when the claim cannot be looked at for a while', async () => {
  putClaim(api, { pods: [aClaimPod('web-1')] });
  const { untilSeen, stop } = start('-n shop events pictures -w');
  await untilWatched();
  api.faults.failures = 1;
  putEvent('told', 'Pod', 'web-1');
  await untilSeen('told');
  expect(await stop()).toBe(EXIT_CODES.interrupted);
});

it('that are followed as YAML are documents of their own', async () => {
  putClaim(api);
  putEvent('one', 'DynamicVolumeClaim', 'pictures');
  putEvent('two', 'DynamicVolumeClaim', 'pictures');
  const { seen, untilSeen, stop } = start('-n shop events -w -o yaml');
  await untilSeen('two');
  await stop();
  expect(seen.stdout.match(/^---$/gm)).toHaveLength(2);
});

it('of a claim that is gone are still there', async () => {
  putEvent('the last', 'DynamicVolumeClaim', 'pictures');
  const { seen, ended } = start('-n shop events pictures');
  expect(await ended).toBe(EXIT_CODES.ok);
  expect(seen).toEqual({ stdout: expect.stringContaining('the last'), stderr: '' });
});

it.each([['events picture'], ['events picture -w']])(
  'of a claim that never was are not waited for: %s',
  async (line) => {
    putClaim(api);
    const { seen, ended } = start(`-n shop ${line}`);
    expect(await ended).toBe(EXIT_CODES.notFound);
    expect(seen.stderr).toContain('did you mean "pictures"?');
  },
);
