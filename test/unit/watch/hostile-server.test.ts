// Do watcher and bridge end with the truth, whatever an API server does to them?
import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBridge } from '../../../watch/bridge.ts';
import type { Bridge } from '../../../watch/bridge.ts';
import type { Caches } from '../../../watch/caches.ts';
import { startClaimWatcher } from '../../../watch/claim-watcher.ts';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';
import { PATHS } from '../../../watch/kubernetes.ts';
import type { WatchTiming } from '../../../watch/reflector.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';
import type { Refusal } from '../../fakes/fake-api-server.ts';

const log = pino({ level: 'silent' });
const PAGE_SIZE = 500;

let server: FakeApiServer;
let connection: KubernetesConnection;
let caches: Caches;
let bridge: Bridge;
let abort: AbortController;
/** What each workflow was told last, by UID of the claim. */
let told: Map<string, { generation: number; deleting: boolean }>;

function start(timing?: WatchTiming): void {
  abort = new AbortController();
  told = new Map();
  bridge = createBridge({
    log,
    async signalWithStart({ metadata }, { generation, deleting }) {
      told.set(metadata.uid, { generation, deleting });
    },
  });
  const options = { connection, log, onLook: bridge.look, ...(timing ? { timing } : {}) };
  caches = startClaimWatcher(options, abort.signal);
}

async function stop(): Promise<void> {
  abort.abort();
  await Promise.all([caches.stopped, bridge.stop()]);
}

function putClaim(name: string, generation = 1): string {
  return server.put(PATHS.claims, {
    metadata: { namespace: 'default', name, generation, creationTimestamp: '' },
    spec: { selector: { matchLabels: { app: name } }, mountpoint: '/data' },
  }).metadata.uid;
}

function deleteClaim(name: string): void {
  server.delete(PATHS.claims, { namespace: 'default', name });
}

function listKnown(): string[] {
  return caches
    .claims()
    .map(({ metadata }) => metadata.name)
    .sort();
}

const waitFor = (check: () => void, timeout = 15_000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 5 });

const waitForClaims = (...names: string[]): Promise<void> =>
  waitFor(() => expect(listKnown()).toEqual(names));

/** Claims are asked for by this; other collections are answered as ever. */
function refuseClaims(refusal: Refusal, when: (url: URL) => boolean = () => true): void {
  server.faults.refuse = (url) =>
    url.pathname === PATHS.claims && when(url) ? refusal : undefined;
}

const isWatch = (url: URL): boolean => url.searchParams.has('watch');

beforeEach(async () => {
  server = await FakeApiServer.start();
  connection = connectKubernetes(server.kubeConfig);
});

afterEach(async () => {
  await stop();
  connection.close();
  await server.stop();
});

describe('a hostile API server', () => {
  it.each<[string, Refusal]>([
    ['429 with Retry-After', { status: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 }],
    ['403', { status: 403, reason: 'Forbidden' }],
    ['503', { status: 503, reason: 'ServiceUnavailable' }],
  ])(
    'that answers lists and watches %s is not stormed, and believed again',
    async (_is, refusal) => {
      putClaim('a');
      refuseClaims(refusal);
      start();
      await waitFor(() => expect(countClaimRequests()).toBeGreaterThanOrEqual(4));
      server.faults.refuse = () => undefined;
      await waitForClaims('a');

      refuseClaims(refusal, isWatch);
      server.cutConnections();
      const before = countClaimRequests();
      putClaim('b');
      await waitFor(() => expect(countClaimRequests()).toBeGreaterThanOrEqual(before + 4));
      server.faults.refuse = () => undefined;

      await waitForClaims('a', 'b');
      expect(server.countRequests(/dynamicvolumeclaims\?limit/)).toBeLessThan(8);
    },
  );

  it('that fails half-way through the pages of a list takes nothing away', async () => {
    for (let i = 0; i <= PAGE_SIZE; i += 1) putClaim(`claim-${i}`);
    start();
    await waitFor(() => expect(caches.claims()).toHaveLength(PAGE_SIZE + 1));
    await waitFor(() => expect(server.openWatches(PATHS.claims)).toBe(1));
    const isSecondPage = (url: URL) => url.searchParams.has('continue');
    refuseClaims({ status: 500, reason: 'InternalError' }, isSecondPage);
    const pages = () => server.countRequests(/continue=/);
    const before = pages();

    server.expireWatches();
    await waitFor(() => expect(pages()).toBeGreaterThanOrEqual(before + 2));
    expect(caches.claims()).toHaveLength(PAGE_SIZE + 1);
    deleteClaim('claim-7');
    server.faults.refuse = () => undefined;

    await waitFor(() => expect(caches.claims()).toHaveLength(PAGE_SIZE));
    expect(caches.claim('default', 'claim-7')).toBeUndefined();
  });

  it.each<[string, (line: string) => string[]]>([
    ['a line that is no JSON', (line) => ['{"type":', line]],
    ['an error that is not 410', (line) => [aStatus(500), line]],
    ['an event without an object', (line) => ['{"type":"MODIFIED"}', line]],
  ])('that sends %s once loses us nothing', async (_what, spoil) => {
    putClaim('a');
    start();
    await waitForClaims('a');
    let spoiled = 0;
    server.faults.deliver = (line) => (spoiled++ === 0 ? spoil(line) : [line]);

    putClaim('b');
    deleteClaim('a');

    await waitForClaims('b');
    expect(server.countRequests(/dynamicvolumeclaims\?limit=500/)).toBe(1);
  });

  it('that sends bookmarks alone and cuts each watch is asked with a back-off, and not listed again', async () => {
    start();
    await caches.synced;
    const before = countClaimRequests();
    for (let cuts = 0; cuts < 5; cuts += 1) {
      await waitFor(() => expect(server.openWatches(PATHS.claims)).toBe(1));
      server.sendBookmarks();
      server.cutConnections();
    }
    putClaim('a');

    await waitForClaims('a');
    expect(countClaimRequests() - before).toBeLessThanOrEqual(8);
    expect(server.countRequests(/dynamicvolumeclaims\?limit=500/)).toBe(1);
  });

  it('that cuts each watch after a second, amid changes, hides no deletion', async () => {
    start({ watchSeconds: 1, marginMs: 5_000 });
    await caches.synced;
    const uids: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      uids.push(putClaim(`claim-${round}`));
      const before = countClaimRequests();
      await waitFor(() => expect(countClaimRequests()).toBeGreaterThan(before));
      server.cutConnections();
      deleteClaim(`claim-${round}`);
    }

    await waitForClaims();
    await waitFor(() =>
      expect(uids.map((uid) => told.get(uid)?.deleting)).toEqual([true, true, true, true]),
    );
  });

  it('that drops, doubles and reorders events leaves the same end state after the next list', async () => {
    const step = fc.record({
      kind: fc.constantFrom('put', 'put', 'delete', 'cut', 'expire'),
      name: fc.constantFrom('a', 'b', 'c'),
      fate: fc.constantFrom('sent', 'dropped', 'ten times', 'late'),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      start();
      await caches.synced;
      const lines = new Lines();
      server.faults.deliver = (line) => lines.take(line);
      let generation = 0;
      for (const { kind, name, fate } of steps) {
        lines.fate = fate;
        if (kind === 'put') putClaim(name, ++generation);
        if (kind === 'delete') deleteClaim(name);
        if (kind === 'cut') server.cutConnections();
        if (kind === 'expire') server.expireWatches();
      }
      server.faults.deliver = (line) => [line];
      const last = putClaim('last', ++generation);
      server.expireWatches();

      await waitFor(() => {
        expect(told.get(last)).toBeDefined();
        expect(listKnown()).toEqual(server.names(PATHS.claims));
        for (const { metadata } of caches.claims()) {
          const { generation, uid } = metadata;
          expect(told.get(uid)).toEqual({ generation, deleting: false });
        }
      });
      const living = new Set(caches.claims().map(({ metadata }) => metadata.uid));
      const gone = [...told].filter(([uid]) => !living.has(uid));
      expect(gone.filter(([, { deleting }]) => !deleting)).toEqual([]);
      await stop();
      for (const name of server.names(PATHS.claims)) deleteClaim(name);
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

/** What an unreliable connection makes of lines. */
class Lines {
  fate = 'sent';
  readonly #late: string[] = [];

  take(line: string): string[] {
    if (this.fate === 'dropped') return [];
    if (this.fate === 'ten times') return Array.from({ length: 10 }, () => line);
    if (this.fate === 'sent') return [line, ...this.#late.splice(0)];
    this.#late.push(line);
    return [];
  }
}

function countClaimRequests(): number {
  return server.countRequests(/dynamicvolumeclaims/);
}

function aStatus(code: number): string {
  const object = { kind: 'Status', code, reason: 'InternalError', message: 'etcd is away' };
  return JSON.stringify({ type: 'ERROR', object });
}
