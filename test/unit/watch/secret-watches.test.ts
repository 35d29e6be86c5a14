// Do the watches of Secrets stay within bounds?
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLASS_PARAMETERS } from '../../../api/names.ts';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';
import { listSecrets, SecretWatches } from '../../../watch/secret-watches.ts';
import { aClass } from '../../builders/objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';
const KEYS = { namespace: 'default', name: 'keys' };

let server: FakeApiServer;
let connection: KubernetesConnection;
let abort: AbortController;
let secrets: SecretWatches;
let changes: string[];

beforeEach(async () => {
  server = await FakeApiServer.start();
  connection = connectKubernetes(server.kubeConfig);
  abort = new AbortController();
  changes = [];
  secrets = new SecretWatches(
    {
      connection,
      onChange: ({ name }) => changes.push(name),
      log: pino({ level: 'silent' }),
    },
    abort.signal,
  );
});

afterEach(async () => {
  abort.abort();
  await secrets.stopped();
  connection.close();
  await server.stop();
});

describe('SecretWatches', () => {
  it('waits for the first lists no longer than it is told', async () => {
    server.faults.failures = Infinity;
    secrets.follow([KEYS]);

    await secrets.listed(20);

    expect(secrets.version(KEYS)).toBeUndefined();
  });

  it('tells nothing of a first version that nobody has missed', async () => {
    server.put(SECRETS, { metadata: KEYS });
    secrets.follow([KEYS]);
    await secrets.listed(5_000);

    expect(secrets.version(KEYS)).toBeDefined();
    expect(changes).toEqual([]);
  });

  it('opens one watch for a Secret, however often it is followed', async () => {
    for (let times = 0; times < 3; times++) secrets.follow([KEYS, { ...KEYS }]);

    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(1));
    expect(server.countRequests(/limit=/)).toBe(1);
  });

  it('knows nothing of a Secret that it no longer follows, and lets its watch go', async () => {
    server.put(SECRETS, { metadata: KEYS });
    secrets.follow([KEYS]);
    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(1));

    secrets.follow([]);

    expect(secrets.version(KEYS)).toBeUndefined();
    await secrets.stopped();
    await vi.waitFor(() => expect(server.openWatches(SECRETS)).toBe(0));
    expect(changes).toEqual([]);
  });
});

describe('listSecrets', () => {
  const naming = (name: string, namespace = 'default') =>
    aClass('gold', {
      [CLASS_PARAMETERS.secretName]: name,
      [CLASS_PARAMETERS.secretNamespace]: namespace,
    });

  it.each([
    ['each once', [naming('keys'), naming('keys'), naming('keys', 'other')], 2],
    ['none where a class names none', [naming('')], 0],
    ['none that cannot exist', [naming('a,b'), naming('Keys'), naming('..')], 0],
  ])('names %s', (_what, classes, count) => {
    expect(listSecrets(classes)).toHaveLength(count);
  });
});
