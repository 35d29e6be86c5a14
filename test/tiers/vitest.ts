// How is one tier of tests run, and how many passed?
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from './programs.ts';

export interface Counts {
  passed: number;
  failed: number;
}

export function addCounts(one: Counts, other: Counts): Counts {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}

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
export async function runVitest(tierRun: VitestRun): Promise<Counts> {
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
    return countResults(await readFile(report, 'utf8').catch(() => undefined), status);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Report {
  numPassedTests: number;
  numTotalTests: number;
  numFailedTestSuites: number;
}

/** Pure: counts of vitest's JSON report; `undefined` when it wrote none. */
export function countResults(text: string | undefined, status: number): Counts {
  if (text === undefined) return { passed: 0, failed: 1 };
  const report = JSON.parse(text) as Report;
  const passed = report.numPassedTests;
  const notPassed = report.numTotalTests - passed;
  // A file that cannot be loaded, or an error outside a test, has no test of its own.
  const failed = Math.max(notPassed, status === 0 ? 0 : 1);
  return { passed, failed: passed === 0 ? Math.max(1, failed) : failed };
}
