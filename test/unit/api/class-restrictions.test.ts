// Who may use a class, and against which servers?
import { describe, expect, it } from 'vitest';
import { checkRestrictions } from '../../../api/class-restrictions.ts';
import { checkEndpoint } from '../../../api/endpoint.ts';
import type { StorageProviderClassSpec } from '../../../api/storage-provider-class.ts';
import { FORBIDDEN_ENDPOINTS } from '../../bad-input/endpoint-cases.ts';
import { aClass } from '../../builders/objects.ts';

function check(
  spec: Partial<StorageProviderClassSpec>,
  use: { labels?: Record<string, string>; endpoint?: string } = {},
) {
  const cls = aClass('gold');
  return checkRestrictions(
    { ...cls, spec: { ...cls.spec, ...spec } },
    { namespace: 'shop', labels: {}, endpoint: 'https://s3.example.com', ...use },
  );
}

describe('a class without restrictions', () => {
  it('may be used by anyone and anywhere', () => {
    expect(check({})).toBeUndefined();
  });
});

describe('allowedNamespaces', () => {
  const team = { matchLabels: { team: 'a' } };
  const byName = {
    matchExpressions: [
      {
        key: 'kubernetes.io/metadata.name',
        operator: 'In' as const,
        values: ['shop', 'bakery'],
      },
    ],
  };

  it.each([
    ['a label of the namespace', team, { team: 'a', tier: 'web' }],
    ['its name', byName, { 'kubernetes.io/metadata.name': 'shop' }],
  ])('selects a namespace by %s', (_title, allowedNamespaces, labels) => {
    expect(check({ allowedNamespaces }, { labels })).toBeUndefined();
  });

  it.each([
    ['another value', team, { team: 'b' }],
    ['no labels', team, {}],
    ['another name', byName, { 'kubernetes.io/metadata.name': 'market' }],
    ['an empty selector', {}, { team: 'a' }],
  ])('refuses a namespace with %s', (_title, allowedNamespaces, labels) => {
    expect(check({ allowedNamespaces }, { labels })).toBe(
      'StorageProviderClass "gold" may not be used in the namespace "shop": its spec.allowedNamespaces does not select it; name another class in spec.storageProviderClassName, or ask for a label on the namespace',
    );
  });
});

describe('allowedEndpoints', () => {
  it.each([
    ['s3.example.com', 'https://s3.example.com'],
    ['s3.example.com', 'http://s3.example.com:9000/'],
    ['S3.Example.com', 'https://s3.EXAMPLE.com'],
    ['s3.example.com:443', 'https://s3.example.com'],
    ['s3.example.com:80', 'http://s3.example.com'],
    ['s3.example.com:9000', 'http://s3.example.com:9000'],
    ['*.example.com', 'https://s3.example.com'],
    ['*.example.com', 'https://eu.s3.example.com'],
    ['*.example.com:8443', 'https://s3.example.com:8443'],
    ['10.0.0.5', 'http://10.0.0.5:9000'],
    ['10.0.0.5', 'http://167772165'],
    ['[fd00::5]:9000', 'http://[fd00:0::5]:9000'],
  ])('%s allows %s', (pattern, endpoint) => {
    expect(check({ allowedEndpoints: ['other.test', pattern] }, { endpoint })).toBeUndefined();
  });

  it.each([
    ['s3.example.com', 'https://s3.example.com.evil.test'],
    ['s3.example.com', 'https://evils3.example.com'],
    ['s3.example.com:443', 'https://s3.example.com:444'],
    ['s3.example.com:443', 'http://s3.example.com'],
    ['*.example.com', 'https://example.com'],
    ['*.example.com', 'https://evilexample.com'],
    ['*.example.com:80', 'https://s3.example.com'],
    ['10.0.0.5', 'http://10.0.0.6'],
  ])('%s does not allow %s', (pattern, endpoint) => {
    expect(check({ allowedEndpoints: [pattern] }, { endpoint })).toContain(
      `its spec.allowedEndpoints allows ${pattern};`,
    );
  });

  it('names class, server and what is allowed', () => {
    expect(
      check({ allowedEndpoints: ['*.example.com', 'minio.svc:9000'] }, { endpoint: 'http://a.b' }),
    ).toBe(
      'StorageProviderClass "gold" may not be used with the server "a.b:80": its spec.allowedEndpoints allows *.example.com, minio.svc:9000; name another class in spec.storageProviderClassName or another server in spec.s3Config.endpoint',
    );
  });

  it('never allows the metadata service, whatever a class lists', () => {
    expect(
      check({ allowedEndpoints: ['169.254.169.254'] }, { endpoint: 'http://169.254.169.254/' }),
    ).toContain('("169.254.169.254")');
  });
});

describe('checkEndpoint', () => {
  it.each([
    'https://s3.example.com',
    'http://s3.storage.svc:7070',
    'http://10.88.0.10',
    'http://[fd00::5]:9000',
    'https://localhost.example.com',
  ])('allows %s', (endpoint) => {
    expect(checkEndpoint(endpoint)).toBeUndefined();
  });

  it.each(FORBIDDEN_ENDPOINTS)('refuses $endpoint as $host', ({ endpoint, host }) => {
    expect(checkEndpoint(endpoint)).toBe(
      `spec.s3Config.endpoint: names a loopback, link-local or metadata address ("${host}"); allowed are servers that mount pods can reach by the network`,
    );
  });

  it.each(['not a url', 'ftp://host', ''])('refuses %j without repeating it', (endpoint) => {
    expect(checkEndpoint(endpoint)).toBe(
      'spec.s3Config.endpoint: is not the URL of an HTTP server',
    );
  });
});
