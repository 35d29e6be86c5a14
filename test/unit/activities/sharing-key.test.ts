// Do exactly those pods share a mount pod that may?
import { describe, expect, it } from 'vitest';
import { buildSharingKey, buildSourceKey } from '../../../activities/sharing-key.ts';
import type { SharingScope } from '../../../activities/sharing-key.ts';

const scope: SharingScope = {
  namespace: 'shop',
  className: 's3-sample',
  endpoint: 'https://s3.example.com',
  parameters: {
    secret: { namespace: 'default', name: 'keys' },
    resources: { requests: { cpu: '10m' }, limits: { memory: '50Mi' } },
  },
  dispatchPolicy: 'independent',
  podUid: 'pod-1',
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
    ['pod', { podUid: 'pod-2' }],
    ['policy', { dispatchPolicy: 'shared' }],
  ])('differs with another %s', (_what, change) => {
    expect(buildSharingKey({ ...scope, ...change })).not.toBe(key);
  });

  it('does not depend on the pod when shared', () => {
    const shared = { ...scope, dispatchPolicy: 'shared' };

    expect(buildSharingKey({ ...shared, podUid: 'pod-2' })).toBe(buildSharingKey(shared));
  });
});

describe('buildSourceKey', () => {
  it('begins with the sharing key and differs with the bucket', () => {
    expect(buildSourceKey(key, 'photos')).toMatch(new RegExp(`^${key}\\.[0-9a-f]{16}$`));
    expect(buildSourceKey(key, 'photos')).not.toBe(buildSourceKey(key, 'films'));
  });
});
