// Do rclone's buffers follow from the memory limit?
import { describe, expect, it } from 'vitest';
import { parseMemoryBytes } from '../../../activities/memory-quantity.ts';
import { buildRcloneEnvironment } from '../../../activities/rclone-environment.ts';

describe('parseMemoryBytes', () => {
  it.each([
    ['50Mi', 52_428_800],
    ['1Gi', 1_073_741_824],
    ['64M', 64_000_000],
    ['128000k', 128_000_000],
    ['52428800', 52_428_800],
    ['1.5Gi', 1_610_612_736],
    ['1e8', 100_000_000],
    ['100000m', 100],
  ])('%s is %i bytes', (quantity, bytes) => {
    expect(parseMemoryBytes(quantity)).toBe(bytes);
  });

  it.each(['', 'lots', '50 Mi', '50MB', '-1Mi', '1Zi'])('refuses %j', (quantity) => {
    expect(() => parseMemoryBytes(quantity)).toThrow(/not a quantity/);
  });
});

describe('buildRcloneEnvironment', () => {
  it('is frugal at the limit of the article', () => {
    expect(buildRcloneEnvironment('50Mi')).toEqual({
      GOMEMLIMIT: '41943040',
      GOGC: '400',
      RCLONE_BUFFER_SIZE: '0',
      RCLONE_S3_CHUNK_SIZE: '5Mi',
      RCLONE_S3_UPLOAD_CONCURRENCY: '1',
    });
  });

  it.each([
    ['127Mi', '0', '1'],
    ['128Mi', '1Mi', '2'],
    ['256Mi', '4Mi', '4'],
    ['1Gi', '16Mi', '4'],
  ])('affords at %s buffers of %s and %s parts', (limit, buffer, parts) => {
    expect(buildRcloneEnvironment(limit)).toMatchObject({
      RCLONE_BUFFER_SIZE: buffer,
      RCLONE_S3_UPLOAD_CONCURRENCY: parts,
    });
  });

  it('sets no limit for Go where Kubernetes sets none', () => {
    expect(buildRcloneEnvironment(undefined)).not.toHaveProperty('GOMEMLIMIT');
  });
});
