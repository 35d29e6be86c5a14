// Does every answer of a storage become the right reason, without a key in it?
import { describe, expect, test } from 'vitest';
import { classifyStorageError } from '../../../csi-node/classify-storage-error.ts';
import type { S3Storage } from '../../../api/node-agent.ts';
import { buildMountParameters, buildPreflightParameters } from '../../../csi-node/remote-mount.ts';
import type { WriteMode } from '../../../api/storage-provider-class.ts';
import type { SourceRequest } from '../../../csi-node/served-sources.ts';
import { describeStorageError } from '../../../csi-node/storage-error.ts';

const aws = (status: number, code: string, requestId = 'T4') =>
  `error in ListJSON: operation error S3: ListObjects, https response error StatusCode: ${status}, RequestID: ${requestId}, HostID: 7d, api error ${code}: Some words.`;
const dial = (cause: string) =>
  `error in ListJSON: operation error S3: ListObjects, exceeded maximum number of attempts, 1, https response error StatusCode: 0, RequestID: , HostID: , request send failed, Get "https://s3/b?prefix=x": ${cause}`;

describe('classifyStorageError', () => {
  test.for([
    ['error in ListJSON: directory not found', 'BUCKET_NOT_FOUND'],
    [aws(404, 'NoSuchBucket'), 'BUCKET_NOT_FOUND'],
    [aws(403, 'InvalidAccessKeyId'), 'CREDENTIALS_REJECTED'],
    [aws(403, 'SignatureDoesNotMatch'), 'CREDENTIALS_REJECTED'],
    [aws(404, 'XAdminUserNotFound'), 'CREDENTIALS_REJECTED'],
    [aws(400, 'ExpiredToken'), 'CREDENTIALS_REJECTED'],
    [aws(403, 'AccessDenied'), 'ACCESS_DENIED'],
    [aws(403, 'RequestTimeTooSkewed'), 'CLOCK_SKEW'],
    [aws(403, 'Whatever'), 'CREDENTIALS_REJECTED'],
    [aws(500, 'InternalError'), 'STORAGE_ERROR'],
    [aws(503, 'SlowDown'), 'STORAGE_ERROR'],
    [dial('dial tcp: lookup s3 on 10.96.0.10:53: no such host'), 'DNS_FAILED'],
    [dial('dial tcp: lookup s3 on 10.96.0.10:53: server misbehaving'), 'DNS_FAILED'],
    [dial('dial tcp 127.0.0.1:1: connect: connection refused'), 'ENDPOINT_UNREACHABLE'],
    [dial('dial tcp 10.0.0.1:443: i/o timeout'), 'ENDPOINT_UNREACHABLE'],
    [dial('context deadline exceeded'), 'ENDPOINT_UNREACHABLE'],
    [
      dial('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
      'TLS_VERIFY_FAILED',
    ],
    [dial('http: server gave HTTP response to HTTPS client'), 'TLS_VERIFY_FAILED'],
    ['failed to mount FUSE fs: fusermount: exit status 1', 'STORAGE_ERROR'],
    ['', 'STORAGE_ERROR'],
  ] as const)('%s', ([text, code]) => {
    expect(classifyStorageError(text)).toBe(code);
  });
});

const s3: S3Storage = {
  bucket: 'images',
  endpoint: 'https://s3.example.com',
  prefix: '',
  region: '',
  accessKeyId: 'AKIACANARY',
  secretAccessKey: 'canary-secret',
  sessionToken: 'canary-token',
  caCert: '',
};

describe('describeStorageError', () => {
  test('names the object and hides the keys, wherever the storage repeats them', () => {
    const text = 'access_key_id=AKIACANARY\nsecret_access_key=canary-secret canary-token refused';
    const { message, code } = describeStorageError('CREDENTIALS_REJECTED', s3, text);

    expect(code).toBe('CREDENTIALS_REJECTED');
    expect(message).toContain('https://s3.example.com rejected the access keys');
    expect(message).not.toMatch(/AKIACANARY|canary-secret|canary-token|\n/);
  });

  test.for([
    [aws(403, 'SignatureDoesNotMatch'), 'HTTP 403, api error SignatureDoesNotMatch: Some words'],
    [dial('dial tcp: i/o timeout'), 'dial tcp: i/o timeout'],
    ['directory not found', 'directory not found'],
  ] as const)('tells of %s the cause', ([text, cause]) => {
    const { message } = describeStorageError('STORAGE_ERROR', s3, text);

    expect(message).toBe(`Storage https://s3.example.com, bucket images, failed (${cause})`);
  });

  test('is the same for the same cause, whatever the id of the request', () => {
    const tell = (requestId: string) =>
      describeStorageError('STORAGE_ERROR', s3, aws(500, 'InternalError', requestId)).message;

    expect(tell('T4')).toBe(tell('T5'));
  });

  test('stays short', () => {
    const { message } = describeStorageError('STORAGE_ERROR', s3, 'x'.repeat(5_000));
    expect(message.length).toBeLessThan(400);
  });
});

describe('parameters for rclone', () => {
  const source: SourceRequest = {
    sourceKey: 'aa11.bb22',
    mountPodUid: 'm-1',
    s3,
    writeMode: 'sequential',
  };
  const build = (change: Partial<S3Storage> = {}, writeMode: WriteMode = 'sequential') =>
    buildMountParameters({ ...source, s3: { ...s3, ...change }, writeMode, mountpoint: '/m' });

  test('put the keys in the remote only, never in a name that others see', () => {
    const { fs, ...rest } = build() as { fs: object };

    expect(JSON.stringify(fs)).toContain('canary-secret');
    expect(JSON.stringify(rest)).not.toMatch(/AKIACANARY|canary-secret|canary-token/);
    expect(rest).toMatchObject({ mountOpt: { DeviceName: source.sourceKey } });
  });

  test('never let rclone make a bucket', () => {
    for (const parameters of [build(), buildPreflightParameters(source, 'nonce')])
      expect(parameters).toMatchObject({ fs: { no_check_bucket: 'true' } });
  });

  test.for<[string, Partial<S3Storage>, object]>([
    ['the whole bucket', {}, { _root: 'images', region: 'us-east-1' }],
    // Without the slash rclone asks for an object of that name first.
    ['a prefix', { prefix: 'a/b' }, { _root: 'images/a/b/' }],
    ['a region', { region: 'eu-north-1' }, { region: 'eu-north-1' }],
    ['a session token', {}, { session_token: 'canary-token' }],
    ['certificates', { caCert: 'PEM' }, { trusted_certificates: 'PEM' }],
  ])('name %s', ([, change, remote]) => {
    expect(build(change)).toMatchObject({ fs: remote });
  });

  test('leave out what the Secret does not have', () => {
    const { fs } = build({ sessionToken: '' }) as { fs: object };
    expect(fs).not.toHaveProperty('session_token');
    expect(fs).not.toHaveProperty('trusted_certificates');
  });

  test.for([
    ['sequential', { CacheMode: 'off' }],
    // 0 would mean one try and no queue.
    ['cached', { CacheMode: 'writes', WriteBack: expect.stringMatching(/^[1-9]/) }],
  ] as const)('cache by the write mode %s', ([writeMode, vfsOpt]) => {
    expect(build({}, writeMode)).toMatchObject({ vfsOpt });
  });
});
