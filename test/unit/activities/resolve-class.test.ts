// Which class serves a claim, and is it believed exactly as far as it may be?
import { describe, expect, it } from 'vitest';
import { CLASS_PARAMETERS } from '../../../api/names.ts';
import type { StorageProviderClass } from '../../../api/storage-provider-class.ts';
import { listSeen, resolveClasses } from '../../../activities/resolve-class.ts';
import type { ClassUse } from '../../../activities/resolve-class.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClass } from '../../builders/objects.ts';

const USE: ClassUse = {
  provider: 's3',
  namespace: 'shop',
  endpoint: 'https://s3.example.com',
  seen: { classes: {}, secrets: {} },
};

function aCluster(spec: Partial<StorageProviderClass['spec']> = {}): FakeCluster {
  const cluster = new FakeCluster();
  const cls = aClass('gold');
  cluster.classes.set('gold', { ...cls, spec: { ...cls.spec, ...spec } });
  cluster.secrets.set('default/keys', {});
  return cluster;
}

function editClass(cluster: FakeCluster, name: string): void {
  const cls = aClass('gold', { [CLASS_PARAMETERS.cpuLimit]: name });
  cluster.classes.set('gold', { ...cls, metadata: { ...cls.metadata, generation: 2 } });
}

async function resolve(cluster: FakeCluster, use: Partial<ClassUse> = {}) {
  const classes = await resolveClasses(cluster, ['gold', 'gold'], { ...USE, ...use });
  return { cls: classes.get('gold'), seen: listSeen(classes) };
}

const failed = (code: string, message = '') => ({
  failure: { code, message: expect.stringContaining(message) as string },
});

describe('resolveClasses', () => {
  it('tells parameters and versions', async () => {
    const { cls, seen } = await resolve(aCluster());

    expect(cls).toMatchObject({ generation: 1, secretVersion: '1' });
    expect(seen).toEqual({ classes: { gold: 1 }, secrets: { 'default/keys': '1' } });
  });

  it('says that a class does not exist', async () => {
    const { cls, seen } = await resolve(new FakeCluster());

    expect(cls).toEqual(failed('CLASS_NOT_FOUND', '"gold" does not exist'));
    expect(seen).toEqual({ classes: {}, secrets: {} });
  });

  it('says that a class is for another provider', async () => {
    expect((await resolve(aCluster(), { provider: 'nfs' })).cls).toMatchObject(
      failed('CLASS_NOT_FOUND', 'needs nfs'),
    );
  });

  it('says that the Secret is missing, with the keys that it needs', async () => {
    const cluster = aCluster();
    cluster.secrets.clear();

    expect((await resolve(cluster)).cls).toMatchObject(
      failed(
        'SECRET_MISSING',
        'Secret default/keys does not exist; create it with the keys access-key-id and secret-access-key',
      ),
    );
  });

  it('blames no class for an API server that is away', async () => {
    const cluster = aCluster();
    cluster.lag();
    cluster.isDown = true;

    await expect(resolve(cluster, { seen: { classes: { gold: 9 }, secrets: {} } })).rejects.toThrow(
      'ServiceUnavailable',
    );
    await expect(
      resolve(cluster, { seen: { classes: {}, secrets: { 'default/keys': '9' } } }),
    ).rejects.toThrow('ServiceUnavailable');
  });
});

describe('a class that restricts its use', () => {
  const team = { allowedNamespaces: { matchLabels: { team: 'a' } } };
  const hosts = { allowedEndpoints: ['*.example.com'] };

  it.each<[string, Partial<StorageProviderClass['spec']>, Partial<ClassUse>, object]>([
    ['a namespace with its label', team, { namespace: 'team-a' }, { secretVersion: '1' }],
    [
      'a namespace without',
      team,
      { namespace: 'shop' },
      failed('CLASS_NOT_ALLOWED', '"gold" may not be used in the namespace "shop"'),
    ],
    ['a server that it lists', hosts, {}, { secretVersion: '1' }],
    [
      'another server',
      hosts,
      { endpoint: 'https://evil.test' },
      failed('CLASS_NOT_ALLOWED', 'allows *.example.com'),
    ],
  ])('for %s', async (_what, spec, use, expected) => {
    const cluster = aCluster(spec);
    cluster.namespaces.set('team-a', { labels: { team: 'a' }, annotations: {} });

    const { cls, seen } = await resolve(cluster, use);

    expect(cls).toMatchObject(expected);
    expect(seen.classes).toEqual({ gold: 1 });
  });

  it('asks for the namespace only if it matters', async () => {
    const cluster = aCluster(hosts);
    cluster.isDown = true;

    expect((await resolve(cluster)).cls).toMatchObject({ secretVersion: '1' });
  });
});

describe('a cache that is behind', () => {
  it.each<[string, (cluster: FakeCluster) => void, ClassUse['seen'], object]>([
    [
      'lacks the class',
      (cluster) => cluster.classes.set('gold', aClass('gold')),
      { classes: {}, secrets: {} },
      { generation: 1 },
    ],
    [
      'has the class in an older version than was seen',
      (cluster) => editClass(cluster, '20m'),
      { classes: { gold: 2 }, secrets: {} },
      { generation: 2, parameters: { resources: { limits: { cpu: '20m' } } } },
    ],
    [
      'lacks the Secret',
      (cluster) => cluster.secrets.set('default/keys', {}),
      { classes: {}, secrets: {} },
      { secretVersion: '1' },
    ],
    [
      'has the Secret in an older version than was seen',
      (cluster) => cluster.secretVersions.set('default/keys', '10'),
      { classes: {}, secrets: { 'default/keys': '10' } },
      { secretVersion: '10' },
    ],
  ])('is not believed when it %s', async (what, change, seen, expected) => {
    const cluster = aCluster();
    cluster.secretVersions.set('default/keys', what === 'lacks the Secret' ? '1' : '9');
    if (what === 'lacks the class') cluster.classes.clear();
    if (what === 'lacks the Secret') cluster.secrets.clear();
    cluster.lag();
    change(cluster);

    expect((await resolve(cluster, { seen })).cls).toMatchObject(expected);
  });

  it('is believed when nothing newer was seen', async () => {
    const cluster = aCluster();
    cluster.lag();
    cluster.isDown = true;

    const seen = { classes: { gold: 1 }, secrets: { 'default/keys': '1' } };

    expect((await resolve(cluster, { seen })).cls).toMatchObject({ generation: 1 });
  });
});
