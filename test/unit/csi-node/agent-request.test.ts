// Is every malformed request of the agent API refused before it does anything?
import * as fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttachRequest, DetachRequest, S3Storage } from '../../../api/node-agent.ts';
import {
  checkAttachRequest,
  checkDetachRequest,
  checkMountPodUids,
  isEndpoint,
  isMountpoint,
  isPrefix,
} from '../../../csi-node/agent-request.ts';

const claim = { uid: 'c', namespace: 'default', name: 'claim', generation: 1 };
const s3: S3Storage = {
  bucket: 'images',
  endpoint: 'http://s3:7070',
  prefix: '',
  region: '',
  accessKeyId: 'a',
  secretAccessKey: 'b',
  sessionToken: '',
  caCert: '',
};
const target = { podUid: 'pod-1', mountpoint: 'data', readOnly: false, replacesSourceKey: '' };
const sourceKey = '0123456789abcdef.0123456789abcdef';
const attach = (change: object): AttachRequest => ({
  claim,
  attachments: [
    { sourceKey, mountPodUid: 'm-1', s3, writeMode: 'sequential', targets: [target], ...change },
  ],
  replacedMountPods: [],
  vanishedClaimUids: [],
});
const caCert = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('checkAttachRequest', () => {
  test('accepts a good request', () => {
    expect(() => checkAttachRequest(attach({}))).not.toThrow();
  });

  test('accepts all that is optional', () => {
    const full = { ...s3, prefix: 'a/b c', region: 'eu-north-1', sessionToken: 'x+/=', caCert };
    expect(() => checkAttachRequest(attach({ s3: full, writeMode: 'cached' }))).not.toThrow();
  });

  test.for<[string, object, RegExp]>([
    ['a source key with a slash', { sourceKey: 'aa/bb' }, /source_key/],
    ['no mount pod', { mountPodUid: '' }, /mount_pod_uid/],
    ['no storage', { s3: null }, /s3/],
    ['a bucket with a slash', { s3: { ...s3, bucket: 'a/b' } }, /bucket/],
    ['an endpoint with a path', { s3: { ...s3, endpoint: 'http://h/x' } }, /endpoint/],
    ['a prefix that leaves the bucket', { s3: { ...s3, prefix: '../x' } }, /s3\.prefix/],
    ['a prefix with a slash at its end', { s3: { ...s3, prefix: 'a/' } }, /s3\.prefix/],
    ['a region with a dot', { s3: { ...s3, region: 'eu.1' } }, /s3\.region/],
    ['a token with a line break', { s3: { ...s3, sessionToken: 'a\nb' } }, /s3\.session_token/],
    ['a token that is too long', { s3: { ...s3, sessionToken: 'a'.repeat(9_000) } }, /session_tok/],
    ['certificates that are none', { s3: { ...s3, caCert: 'x' } }, /s3\.ca_cert/],
    ['too many certificates', { s3: { ...s3, caCert: caCert.repeat(2_000) } }, /s3\.ca_cert/],
    ['a write mode that is none', { writeMode: 'full' }, /write_mode.*sequential, cached/],
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

  test('refuses a replaced mount pod that is none', () => {
    const request = {
      ...attach({}),
      replacedMountPods: [{ uid: 'a.b', sharingKey: '01234567', writeMode: 'cached' as const }],
    };
    expect(() => checkAttachRequest(request)).toThrow(/replaced_mount_pods\.uid/);
  });

  test('never repeats a value', () => {
    const bad = attach({ s3: { ...s3, secretAccessKey: 'canary'.repeat(2_000) } });
    expect(() => checkAttachRequest(bad)).toThrow(/^((?!canary).)*$/);
  });
});

describe('checkDetachRequest', () => {
  const request: DetachRequest = {
    claim,
    targets: [{ podUid: 'pod-1', mountpoint: 'data', sourceKey, force: false }],
    mountPods: [{ uid: 'm-1', sharingKey: '0123456789abcdef', writeMode: 'cached' as const }],
    sourceKeys: [sourceKey],
    discardWrites: false,
  };

  test('accepts a good request', () => {
    expect(() => checkDetachRequest(request)).not.toThrow();
  });

  test('refuses a sharing key that is a path', () => {
    const mountPods = [{ uid: 'm-1', sharingKey: '../x', writeMode: 'cached' as const }];
    expect(() => checkDetachRequest({ ...request, mountPods })).toThrow(/sharing_key/);
  });
});

describe('checkDetachRequest and checkMountPodUids', () => {
  test('refuse what could become a path', () => {
    const mountPods = [
      { uid: 'm-1', sharingKey: '0123456789abcdef', writeMode: 'cached' as const },
    ];
    const detach = { claim, targets: [], mountPods, sourceKeys: ['../x'], discardWrites: false };
    expect(() => checkDetachRequest(detach)).toThrow(/source_keys/);
    expect(() => checkMountPodUids({ mountPodUids: ['../x'] })).toThrow(/mount_pod_uids/);
    expect(() => checkMountPodUids({ mountPodUids: ['m-1'] })).not.toThrow();
  });
});

describe('isPrefix', () => {
  test.for(['', 'a', 'a/b', 'a b/ä', 'a..b/.c', 'x'.repeat(1_024)])('accepts %j', (text) => {
    expect(isPrefix(text)).toBe(true);
  });

  test.for(['/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', 'a\0', 'a\nb', 'ä'.repeat(513)])(
    'refuses %j',
    (text) => {
      expect(isPrefix(text)).toBe(false);
    },
  );
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
