// What came of a tier, and of all of them?

export interface Results {
  passed: number;
  /** Of each test that did not pass: which, and why, in one line. */
  failures: string[];
}

export function addResults(one: Results, other: Results): Results {
  return { passed: one.passed + other.passed, failures: [...one.failures, ...other.failures] };
}

/** The results of a single test. */
export function judgeOne(passed: boolean, title: string): Results {
  return passed ? { passed: 1, failures: [] } : { passed: 0, failures: [title] };
}

/** Pure: the last lines of a run, which name every failure again, as thousands of lines lie between. */
export function formatResults({ passed, failures }: Results): string {
  const told = failures.map((failure) => `✗ ${failure}\n`);
  return `\n${told.join('')}${told.length > 0 ? '\n' : ''}${passed} passed, ${failures.length} failed`;
}
