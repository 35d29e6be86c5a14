// Does every failure have a meaning for gRPC, for retries and for a person?
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ALL_REASONS } from '../../../api/conditions.ts';
import { ERRORS, isErrorCode, VolumeError } from '../../../api/errors.ts';

describe('the error table', () => {
  it('names gRPC statuses that exist and CamelCase reasons', () => {
    for (const row of Object.values(ERRORS)) {
      expect(status).toHaveProperty(row.grpc);
      expect(row.reason).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(ALL_REASONS).toContain(row.reason);
    }
  });

  it('knows its own codes only', () => {
    expect(isErrorCode('IN_USE')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
  });
});

describe('VolumeError.from', () => {
  it('keeps a VolumeError', () => {
    const error = new VolumeError('IN_USE', 'busy');

    expect(VolumeError.from(error)).toBe(error);
  });

  it('makes INTERNAL of anything else and keeps it as cause', () => {
    const cause = new TypeError('x is undefined');

    expect(VolumeError.from(cause)).toMatchObject({
      code: 'INTERNAL',
      message: 'x is undefined',
      cause,
    });
    expect(VolumeError.from('text').message).toBe('text');
  });
});
