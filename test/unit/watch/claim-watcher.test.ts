// Do looks come once for each claim at the start, and then only for changes?
import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Caches } from '../../../watch/caches.ts';
import { startClaimWatcher } from '../../../watch/claim-watcher.ts';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';
import { PATHS } from '../../../watch/kubernetes.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

let server: FakeApiServer;
let connection: KubernetesConnection;
let abort: AbortController;
let caches: Caches;
let looks: string[];

function start(): void {
  looks = [];
  abort = new AbortController();
  caches = startClaimWatcher(
    {
      connection,
      log: pino({ level: 'silent' }),
      onLook: (claim, vanished) => looks.push(`${claim.metadata.name}${vanished ? ' gone' : ''}`),
    },
    abort.signal,
  );
}

async function stop(): Promise<void> {
  abort.abort();
  await caches.stopped;
}

function putClaim(name: string, generation = 1, status = ''): void {
  server.put(PATHS.claims, {
    metadata: { namespace: 'default', name, generation, creationTimestamp: '' },
    spec: { selector: { matchLabels: { app: name } } },
    status: { provider: status },
  });
}

function putPod(name: string, app: string, ready = true): void {
  const conditions = [{ type: 'PodReadyToStartContainers', status: ready ? 'True' : 'False' }];
  server.put(PATHS.pods, {
    metadata: { namespace: 'default', name, labels: { app } },
    status: { phase: 'Running', conditions },
  });
}

const waitForWatches = (): Promise<void> =>
  vi.waitFor(() => {
    for (const path of Object.values(PATHS)) expect(server.openWatches(path)).toBe(1);
  });

beforeEach(async () => {
  server = await FakeApiServer.start();
  connection = connectKubernetes(server.kubeConfig);
});

afterEach(async () => {
  await stop();
  connection.close();
  await server.stop();
});

describe('startClaimWatcher', () => {
  it('looks at every claim once when the caches are complete', async () => {
    putClaim('a');
    putClaim('b');
    putPod('pod', 'a');
    server.faults.listDelayMs = 50;
    start();

    await caches.synced;
    await waitForWatches();

    expect(looks.sort()).toEqual(['a', 'b']);
    expect(caches.podsIn('default')).toHaveLength(1);
  });

  it('looks at what a change concerns', async () => {
    putClaim('a');
    putClaim('b');
    start();
    await waitForWatches();
    looks.length = 0;

    putClaim('a', 1, 'status written');
    putClaim('b', 2);
    putPod('pod', 'a');
    server.delete(PATHS.claims, { namespace: 'default', name: 'b' });

    await vi.waitFor(() => expect([...looks].sort()).toEqual(['a', 'b', 'b gone']));
  });

  it('looks at every claim again after the claims were listed anew', async () => {
    putClaim('a');
    putClaim('b');
    start();
    await waitForWatches();
    looks.length = 0;

    server.expireWatches();

    await vi.waitFor(() => expect([...looks].sort()).toEqual(['a', 'b']));
  });

  it('looks at the same claims whether events arrive or are lost before a new list', async () => {
    const step = fc.record({
      kind: fc.constantFrom('claim', 'delete claim', 'pod', 'delete pod'),
      name: fc.constantFrom('a', 'b', 'c'),
      lost: fc.boolean(),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      start();
      await waitForWatches();
      let generation = 1;
      for (const { kind, name, lost } of steps) {
        server.faults.silentWatches = lost;
        if (kind === 'claim') putClaim(name, ++generation);
        if (kind === 'pod') putPod(`pod-${name}`, name, generation % 2 === 0);
        if (kind === 'delete claim') server.delete(PATHS.claims, { namespace: 'default', name });
        if (kind === 'delete pod')
          server.delete(PATHS.pods, { namespace: 'default', name: `pod-${name}` });
      }
      server.faults.silentWatches = false;
      looks.length = 0;
      server.expireWatches();

      const living = server.names(PATHS.claims);
      const pods = server.names(PATHS.pods);
      await vi.waitFor(() => {
        expect(
          caches
            .claims()
            .map((claim) => claim.metadata.name)
            .sort(),
        ).toEqual(living);
        expect(
          caches
            .podsIn('default')
            .map((pod) => pod.name)
            .sort(),
        ).toEqual(pods);
        expect(looks).toEqual(expect.arrayContaining(living));
      });
      await stop();
    });
    await fc.assert(property, { numRuns: 25 });
  });
});
