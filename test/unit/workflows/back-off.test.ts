// Does a workflow wait as long as the failure deserves?
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../api/errors.ts';
import { buildBackOffMs } from '../../../workflows/back-off.ts';

const fail = (code: ErrorCode) => ({ code, message: '' });

describe('buildBackOffMs', () => {
  it.each([
    ['AGENT_UNREACHABLE' as const, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]],
    ['SECRET_MISSING' as const, [2_000, 5_000, 10_000, 10_000]],
  ])('grows and stays at its cap for %s', (code, wanted) => {
    expect(wanted.map((_, i) => buildBackOffMs([fail(code)], i + 1))).toEqual(wanted);
  });

  it('follows the most impatient failure', () => {
    expect(buildBackOffMs([fail('SECRET_MISSING'), fail('IN_USE')], 1)).toBe(1_000);
  });
});
