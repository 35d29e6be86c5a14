// Is every malformed request of the agent API refused before it does anything?
import * as fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttachRequest, DetachRequest } from '../../../api/node-agent.ts';
import {
  checkAttachRequest,
  checkDetachRequest,
  isEndpoint,
  isMountpoint,
} from '../../../csi-node/agent-request.ts';

const claim = { uid: 'c', namespace: 'default', name: 'claim', generation: 1 };
const s3 = { bucket: 'images', endpoint: 'http://s3:7070', accessKeyId: 'a', secretAccessKey: 'b' };
const target = { podUid: 'pod-1', mountpoint: 'data', readOnly: false, replacesSourceKey: '' };
const sourceKey = '0123456789abcdef.0123456789abcdef';
const attach = (change: object): AttachRequest => ({
  claim,
  attachments: [{ sourceKey, mountPodUid: 'm-1', s3, targets: [target], ...change }],
});

describe('checkAttachRequest', () => {
  test('accepts a good request', () => {
    expect(() => checkAttachRequest(attach({}))).not.toThrow();
  });

  test.for<[string, object, RegExp]>([
    ['a source key with a slash', { sourceKey: 'aa/bb' }, /source_key/],
    ['no mount pod', { mountPodUid: '' }, /mount_pod_uid/],
    ['no storage', { s3: null }, /s3/],
    ['a bucket with a slash', { s3: { ...s3, bucket: 'a/b' } }, /bucket/],
    ['an endpoint with a path', { s3: { ...s3, endpoint: 'http://h/x' } }, /endpoint/],
    ['no access key', { s3: { ...s3, accessKeyId: '' } }, /access keys/],
    ['a pod UID with a dot', { targets: [{ ...target, podUid: 'a.b' }] }, /pod_uid/],
    ['an absolute mountpoint', { targets: [{ ...target, mountpoint: '/data' }] }, /mountpoint/],
    [
      'a former source that is none',
      { targets: [{ ...target, replacesSourceKey: 'x' }] },
      /replaces_source_key/,
    ],
  ])('refuses %s', ([, change, message]) => {
    expect(() => checkAttachRequest(attach(change))).toThrow(message);
  });

  test('never repeats a value', () => {
    const bad = attach({ s3: { ...s3, secretAccessKey: 'canary'.repeat(2_000) } });
    expect(() => checkAttachRequest(bad)).toThrow(/^((?!canary).)*$/);
  });
});

describe('checkDetachRequest', () => {
  const request: DetachRequest = {
    claim,
    targets: [{ podUid: 'pod-1', mountpoint: 'data', sourceKey }],
    mountPods: [{ uid: 'm-1', sharingKey: '0123456789abcdef' }],
  };

  test('accepts a good request', () => {
    expect(() => checkDetachRequest(request)).not.toThrow();
  });

  test('refuses a sharing key that is a path', () => {
    const mountPods = [{ uid: 'm-1', sharingKey: '../x' }];
    expect(() => checkDetachRequest({ ...request, mountPods })).toThrow(/sharing_key/);
  });
});

describe('isMountpoint', () => {
  test.for(['data', 'a/b/c', 'A-1._x', 'a/b/c/d/e/f/g/h'])('accepts %s', (text) => {
    expect(isMountpoint(text)).toBe(true);
  });

  test.for([
    '',
    '.',
    '..',
    'a/..',
    '/a',
    'a/',
    'a//b',
    '-a',
    '.a',
    'a b',
    'a\\b',
    'ä',
    'a\0',
    'a,b',
    'a/b/c/d/e/f/g/h/i',
  ])('refuses %j', (text) => {
    expect(isMountpoint(text)).toBe(false);
  });

  test('never accepts what leaves the volume root', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '-') }), (text) => {
        expect(isMountpoint(text) && posix.join('/root', text) !== `/root/${text}`).toBe(false);
      }),
    );
  });
});

describe('isEndpoint', () => {
  test.for([
    'http://s3',
    'https://s3.example.com',
    'http://10.0.0.1:9000',
    'http://[::1]:80',
    'https://s3/',
  ])('accepts %s', (text) => {
    expect(isEndpoint(text)).toBe(true);
  });

  test.for([
    '',
    's3',
    'ftp://s3',
    'http://',
    'http://a/b',
    'http://a?x',
    'http://u:p@a',
    'http://a b',
    'http://a:99999',
  ])('refuses %j', (text) => {
    expect(isEndpoint(text)).toBe(false);
  });
});
