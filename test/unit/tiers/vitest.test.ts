// Does the runner count a skipped test, an empty tier and a broken file as failures, and name them?
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatResults } from '../../tiers/results.ts';
import { readResults } from '../../tiers/vitest.ts';

const name = path.join(import.meta.dirname, 'a.test.ts');
const FILE = 'test/unit/tiers/a.test.ts';

const report = (
  statuses: string[],
  { status = 'passed', message = '', failureMessages }: Record<string, string | string[]> = {},
) => {
  const assertionResults = statuses.map((each, index) => {
    return { fullName: `test ${index}`, status: each, ...(failureMessages && { failureMessages }) };
  });
  return JSON.stringify({ testResults: [{ name, status, message, assertionResults }] });
};

describe('readResults', () => {
  it.each([
    ['all passed', report(['passed', 'passed']), 0, 2, []],
    [
      'one failed',
      report(['passed', 'failed'], { failureMessages: ['Error: no\n    at here'] }),
      1,
      1,
      [`${FILE} > test 1: Error: no`],
    ],
    ['one skipped', report(['passed', 'skipped']), 0, 1, [`${FILE} > test 1: skipped`]],
    [
      'a file that cannot be loaded',
      report([], { status: 'failed', message: 'SyntaxError: no' }),
      1,
      0,
      [`${FILE}: SyntaxError: no`],
    ],
    [
      'something that was thrown outside of the tests',
      report(['passed']),
      1,
      1,
      ['an error outside of the tests'],
    ],
    ['no test at all', JSON.stringify({ testResults: [] }), 0, 0, ['there is no test']],
    ['no report', undefined, 0, 0, ['vitest wrote no report']],
  ])('%s', (_title, text, status, passed, failures) => {
    expect(readResults(text, status)).toEqual({ passed, failures });
  });
});

describe('formatResults', () => {
  it('ends with the counts', () => {
    expect(formatResults({ passed: 3, failures: [] })).toBe('\n3 passed, 0 failed');
  });

  it('names what failed before them', () => {
    const failures = ['unit: one', 'soak: two'];
    expect(formatResults({ passed: 3, failures })).toBe(
      '\n✗ unit: one\n✗ soak: two\n\n3 passed, 2 failed',
    );
  });
});
