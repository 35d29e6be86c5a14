// Does the runner count a skipped test, an empty tier and a broken file as failures?
import { describe, expect, it } from 'vitest';
import { countResults } from '../../tiers/vitest.ts';

const report = (numPassedTests: number, numTotalTests: number) =>
  JSON.stringify({ numPassedTests, numTotalTests, numFailedTestSuites: 0 });

describe('countResults', () => {
  it.each([
    ['all passed', report(3, 3), 0, { passed: 3, failed: 0 }],
    ['one failed', report(2, 3), 1, { passed: 2, failed: 1 }],
    ['one skipped', report(2, 3), 0, { passed: 2, failed: 1 }],
    ['a file that cannot be loaded', report(3, 3), 1, { passed: 3, failed: 1 }],
    ['no test at all', report(0, 0), 0, { passed: 0, failed: 1 }],
    ['no report', undefined, 0, { passed: 0, failed: 1 }],
  ])('%s', (_title, text, status, counts) => {
    expect(countResults(text, status)).toEqual(counts);
  });
});
