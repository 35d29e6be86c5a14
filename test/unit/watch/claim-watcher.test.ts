// Do looks come once for each claim at the start, and then only for changes?
import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CLASS_PARAMETERS,
  DRIVER_NAME,
  ROOT_VOLUME_NAME,
  VOLUME_ATTRIBUTES,
} from '../../../api/names.ts';
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
let changes: (string | undefined)[];

function start(): void {
  looks = [];
  changes = [];
  abort = new AbortController();
  caches = startClaimWatcher(
    {
      connection,
      log: pino({ level: 'silent' }),
      onLook: (claim, { vanished }) =>
        looks.push(`${claim.metadata.name}${vanished ? ' gone' : ''}`),
      onChange: (change) => changes.push(change?.kind),
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
    spec: { selector: { matchLabels: { app: name } }, mountpoint: '/data' },
    status: { provider: status },
  });
}

const SECRETS = '/api/v1/namespaces/default/secrets';

function putClass(name: string, secret: string): void {
  server.put(PATHS.classes, {
    metadata: { name, generation: 1 },
    spec: {
      provider: 's3',
      parameters: {
        [CLASS_PARAMETERS.secretName]: secret,
        [CLASS_PARAMETERS.secretNamespace]: 'default',
      },
    },
  });
}

function putSecret(name: string, value: string): string {
  const metadata = { namespace: 'default', name };
  return server.put(SECRETS, { metadata, data: { value } }).metadata.resourceVersion;
}

function putPod(name: string, app: string, ready = true, className = ''): void {
  const conditions = [{ type: 'PodReadyToStartContainers', status: ready ? 'True' : 'False' }];
  server.put(PATHS.pods, {
    metadata: { namespace: 'default', name, labels: { app } },
    spec: { volumes: className === '' ? [] : [aVolumeRoot(className)] },
    status: { phase: 'Running', conditions },
  });
}

function aVolumeRoot(className: string): object {
  const volumeAttributes = { [VOLUME_ATTRIBUTES.className]: className };
  return { name: ROOT_VOLUME_NAME, csi: { driver: DRIVER_NAME, volumeAttributes } };
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

  it('tells of the first complete picture and of every change after it', async () => {
    putClaim('a');
    start();
    await waitForWatches();
    expect(changes).toEqual([undefined]);

    putClaim('b');

    await vi.waitFor(() => expect(changes).toEqual([undefined, 'claim']));
  });

  it('knows the versions of exactly the Secrets that classes name, from metadata only', async () => {
    const version = putSecret('keys', 'geheim');
    putSecret('other', 'geheim');
    putClass('gold', 'keys');
    start();
    await caches.synced;

    expect(caches.secretVersion('default', 'keys')).toBe(version);
    expect(caches.secretVersion('default', 'other')).toBeUndefined();
    expect(server.countRequests(/secrets/)).toBe(
      server.countRequests(/secrets\?.*fieldSelector=metadata.name%3Dkeys$/),
    );
  });

  it('looks at the claims of a class when its Secret changes or goes', async () => {
    putClaim('a');
    putClaim('b');
    putPod('pod', 'a', true, 'gold');
    putSecret('keys', 'old');
    putSecret('other', 'old');
    putClass('gold', 'keys');
    start();
    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(1));
    await waitForWatches();
    looks.length = 0;

    putSecret('other', 'new');
    const version = putSecret('keys', 'new');
    await vi.waitFor(() => expect(looks).toEqual(['a']));
    expect(caches.secretVersion('default', 'keys')).toBe(version);

    server.delete(SECRETS, { namespace: 'default', name: 'keys' });
    await vi.waitFor(() => expect(looks).toEqual(['a', 'a']));
    expect(caches.secretVersion('default', 'keys')).toBeUndefined();
  });

  it('starts and ends the watch of a Secret with the classes that name it', async () => {
    putClass('gold', 'keys');
    putClass('silver', 'keys');
    start();
    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(1));

    server.delete(PATHS.classes, { name: 'gold' });
    putClass('silver', 'other');
    putSecret('other', 'value');
    await vi.waitFor(() => expect(caches.secretVersion('default', 'other')).toBeDefined());
    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(1));

    server.delete(PATHS.classes, { name: 'silver' });
    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(0));
    expect(caches.secretVersion('default', 'other')).toBeUndefined();
  });

  it('looks again when a Secret was asked for before its version was known', async () => {
    putClaim('a');
    putPod('pod', 'a', true, 'gold');
    putSecret('keys', 'value');
    start();
    await waitForWatches();
    looks.length = 0;
    server.faults.listDelayMs = 100;

    putClass('gold', 'keys');
    await vi.waitFor(() => expect(looks).toEqual(['a']));
    expect(caches.secretVersion('default', 'keys')).toBeUndefined();

    await vi.waitFor(() => expect(looks).toEqual(['a', 'a']));
    expect(caches.secretVersion('default', 'keys')).toBeDefined();
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
