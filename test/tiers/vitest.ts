// How is one tier of tests run, and what came of it?
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from './programs.ts';
import type { Results } from './results.ts';

export interface VitestRun {
  /** Folder below test/. */
  tier: string;
  /** Only files whose path contains this. */
  file?: string | undefined;
  /** A folder below that of the tier, whose files are left out. */
  except?: string;
  /** One file after another. */
  inTurn?: boolean;
  environment?: Record<string, string>;
  /** Turns a command into one that runs inside the stack, or at a lower priority. */
  enter?: ((argv: readonly string[]) => readonly string[]) | undefined;
}

/** Runs a tier. A skipped test, a file that cannot be loaded and an empty tier count as failures. */
export async function runVitest(tierRun: VitestRun): Promise<Results> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-report-'));
  const report = path.join(folder, 'report.json');
  const argv = [
    process.execPath,
    path.join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs'),
    'run',
    '--dir',
    path.join('test', tierRun.tier),
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(tierRun.except ? ['--exclude', `**/${tierRun.except}/**`] : []),
    ...(tierRun.inTurn ? ['--no-file-parallelism'] : []),
    ...(tierRun.file ? [tierRun.file] : []),
  ];
  try {
    const status = await runProgram(tierRun.enter?.(argv) ?? argv, tierRun.environment);
    return readResults(await readFile(report, 'utf8').catch(() => undefined), status);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Report {
  testResults: {
    /** Path of the file. */
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

/** Pure: reads vitest's JSON report; `undefined` when it wrote none. */
export function readResults(text: string | undefined, status: number): Results {
  if (text === undefined) return { passed: 0, failures: ['vitest wrote no report'] };
  const { testResults } = JSON.parse(text) as Report;
  const tests = testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failures = testResults.flatMap(listFailures);
  if (failures.length === 0 && status !== 0) failures.push('an error outside of the tests');
  if (failures.length === 0 && passed === 0) failures.push('there is no test');
  return { passed, failures };
}

function listFailures({ name, status, message, assertionResults }: Report['testResults'][number]) {
  const file = path.relative(path.join(import.meta.dirname, '../..'), name);
  const notPassed = assertionResults.filter((test) => test.status !== 'passed');
  // A file that cannot be loaded has no tests; one whose `afterAll` fails has only such that passed.
  if (notPassed.length === 0 && status === 'failed')
    return [`${file}: ${firstLine(message) || 'an error outside of its tests'}`];
  return notPassed.map(({ fullName, status: how, failureMessages = [] }) => {
    return `${file} > ${fullName}: ${firstLine(failureMessages[0] ?? how)}`;
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1).join('');
}
