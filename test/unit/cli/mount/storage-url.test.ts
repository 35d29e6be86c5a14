// Which storage does the first argument of mount name?
import { describe, expect, it } from 'vitest';
import { buildDefaultEndpoint, parseStorageUrl } from '../../../../cli/mount/storage-url.ts';

describe('parseStorageUrl', () => {
  it.each([
    ['s3://photos', { bucket: 'photos' }],
    ['s3://photos/', { bucket: 'photos' }],
    ['s3://photos/2024', { bucket: 'photos', prefix: '2024' }],
    ['s3://photos//team/data/', { bucket: 'photos', prefix: 'team/data' }],
    ['s3://my.bucket-1/a b', { bucket: 'my.bucket-1', prefix: 'a b' }],
  ])('reads %s', (text, storage) => {
    expect(parseStorageUrl(text)).toEqual(storage);
  });

  it.each(['photos', 's3:photos', 's3://', 's3:///prefix', 'gs://photos', 's3://photos?region=eu'])(
    'refuses %s and says what it takes',
    (text) => {
      expect(() => parseStorageUrl(text)).toThrow('give it as s3://BUCKET or s3://BUCKET/PREFIX');
    },
  );

  it('does not repeat keys that somebody put into the URL', () => {
    const parse = () => parseStorageUrl('s3://somebody:canary@photos/2024');

    expect(parse).toThrow('"s3://***@photos/2024"');
    expect(parse).not.toThrow('canary');
  });
});

describe('buildDefaultEndpoint', () => {
  it("is AWS's server of the region, or of the one that signs by default", () => {
    expect(buildDefaultEndpoint('eu-central-1')).toBe('https://s3.eu-central-1.amazonaws.com');
    expect(buildDefaultEndpoint(undefined)).toBe('https://s3.us-east-1.amazonaws.com');
  });
});
