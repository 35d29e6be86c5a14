// Do exactly those pods share a mount pod that may?
import { describe, expect, it } from 'vitest';
import { buildSharingKey, buildSourceKey } from '../../../activities/sharing-key.ts';
import type { SharingScope, SourceIdentity } from '../../../activities/sharing-key.ts';

const scope: SharingScope = {
  namespace: 'shop',
  className: 's3-sample',
  endpoint: 'https://s3.example.com',
  parameters: {
    secret: { namespace: 'default', name: 'keys' },
    resources: { requests: { cpu: '10m' }, limits: { memory: '50Mi' } },
    writeMode: 'sequential',
    warmMountPods: 0,
  },
  dispatchPolicy: 'independent',
  podUid: 'pod-1',
  node: 'node1',
};
const key = buildSharingKey(scope);

describe('buildSharingKey', () => {
  it('is 16 hexadecimal digits, always the same', () => {
    expect(key).toMatch(/^[0-9a-f]{16}$/);
    expect(buildSharingKey(structuredClone(scope))).toBe(key);
  });

  const { parameters } = scope;
  it.each<[string, Partial<SharingScope>]>([
    ['namespace', { namespace: 'other' }],
    ['class', { className: 'other' }],
    ['endpoint', { endpoint: 'http://s3.example.com' }],
    ['Secret', { parameters: { ...parameters, secret: { namespace: 'default', name: 'other' } } }],
    ['resources', { parameters: { ...parameters, resources: { requests: {}, limits: {} } } }],
    ['write mode', { parameters: { ...parameters, writeMode: 'cached' } }],
    ['pod', { podUid: 'pod-2' }],
    ['policy', { dispatchPolicy: 'shared' }],
  ])('differs with another %s', (_what, change) => {
    expect(buildSharingKey({ ...scope, ...change })).not.toBe(key);
  });

  it('does not depend on how many mount pods stand ready', () => {
    const warm = { ...scope, parameters: { ...parameters, warmMountPods: 3 } };

    expect(buildSharingKey(warm)).toBe(key);
  });

  it('depends on the node instead of the pod when shared', () => {
    const shared = { ...scope, dispatchPolicy: 'shared' };

    expect(buildSharingKey({ ...shared, podUid: 'pod-2' })).toBe(buildSharingKey(shared));
    expect(buildSharingKey({ ...shared, node: 'node2' })).not.toBe(buildSharingKey(shared));
  });
});

const source: SourceIdentity = {
  place: { bucket: 'photos', endpoint: scope.endpoint, prefix: '', region: '' },
  secret: { namespace: 'default', name: 'keys' },
  secretVersion: '7',
  remounts: 0,
};
const sourceKey = buildSourceKey(key, source);

describe('buildSourceKey', () => {
  it('begins with the sharing key, always the same', () => {
    expect(sourceKey).toMatch(new RegExp(`^${key}\\.[0-9a-f]{16}$`));
    expect(buildSourceKey(key, structuredClone(source))).toBe(sourceKey);
  });

  const { place } = source;
  it.each<[string, Partial<SourceIdentity>]>([
    ['bucket', { place: { ...place, bucket: 'films' } }],
    ['prefix', { place: { ...place, prefix: 'team' } }],
    ['region', { place: { ...place, region: 'eu-central-1' } }],
    ['Secret', { secret: { namespace: 'default', name: 'other' } }],
    ['namespace of the Secret', { secret: { namespace: 'other', name: 'keys' } }],
    ['version of the Secret', { secretVersion: '8' }],
    ['remount', { remounts: 1 }],
  ])('differs with another %s', (_what, change) => {
    expect(buildSourceKey(key, { ...source, ...change })).not.toBe(sourceKey);
  });

  it('does not mix up bucket and prefix', () => {
    const one = { ...source, place: { ...place, bucket: 'a', prefix: 'b/c' } };
    const other = { ...source, place: { ...place, bucket: 'a/b', prefix: 'c' } };

    expect(buildSourceKey(key, one)).not.toBe(buildSourceKey(key, other));
  });
});
