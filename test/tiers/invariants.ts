// How does the invariant checker run beside a tier, and when has it passed?
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stackPaths } from '../../deploy/stack/client.ts';
import type { Violation } from '../invariants/judge.ts';
import type { Summary } from '../invariants/summary.ts';
import { startProgram } from './programs.ts';
import { addResults, judgeOne, type Results } from './results.ts';
import type { VitestRun } from './vitest.ts';

type Place = Pick<VitestRun, 'environment' | 'enter'>;

/** Where tests that break an invariant on purpose find what the checker says. */
const REPORT_VARIABLE = 'DYNVOL_INVARIANT_REPORT';

/**
 * Runs tests with the checker beside them, which counts as one test more.
 *
 * @param isWhole whether so much runs that some storage must have been seen
 */
export async function withInvariants(
  place: Place,
  isWhole: boolean,
  work: (place: Place) => Promise<Results>,
): Promise<Results> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-invariants-'));
  const report = path.join(folder, 'report.jsonl');
  const checker = startChecker(place, report);
  try {
    const environment = { ...place.environment, [REPORT_VARIABLE]: report };
    const results = await work({ ...place, environment });
    await checker.end();
    return addResults(
      results,
      judgeReport(await readFile(report, 'utf8').catch(() => ''), isWhole),
    );
  } finally {
    await checker.end();
    await rm(folder, { recursive: true });
  }
}

function startChecker(place: Place, report: string) {
  const program = path.join(import.meta.dirname, '../invariants/main.ts');
  const options = ['--until-stdin-closes', '--report', report, '--s3-log', stackPaths.s3AccessLog];
  const argv = [process.execPath, program, ...options];
  return startProgram(place.enter?.(argv) ?? argv, place.environment);
}

/** Says what was broken, and whether that is all right. */
function judgeReport(report: string, isWhole: boolean): Results {
  const { passed, lines } = readReport(report, isWhole);
  for (const line of lines) console.log(line);
  return judgeOne(passed, `the invariant checker: ${lines[0]}`);
}

/** Pure: reads a report; without its last line, the summary, the checker did not come to its end. */
export function readReport(report: string, isWhole: boolean): { passed: boolean; lines: string[] } {
  const parsed = report
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Violation | Summary);
  const broken = parsed.filter((line) => 'invariant' in line).filter(({ seeded }) => !seeded);
  const summary = parsed.find((line) => 'snapshots' in line);
  const lines = broken.map(({ at, invariant, object, message }) => {
    return `✗ ${invariant} at ${at}: ${object}: ${message}`;
  });
  if (!summary) return { passed: false, lines: [...lines, '✗ the invariant checker failed'] };
  const { snapshots, missed, mounts, seeded, leaks } = summary;
  const seen = `${snapshots} snapshots, ${missed} missed, ${mounts} mounts, ${seeded} seeded bugs caught; leaks ${leaks}`;
  const verdict = judge(broken.length, summary, isWhole);
  lines.push(`${verdict.passed ? '✓' : '✗'} ${verdict.says} (${seen})`);
  return { passed: verdict.passed, lines };
}

function judge(broken: number, { snapshots, missed, mounts }: Summary, isWhole: boolean) {
  if (broken > 0) return { passed: false, says: `${broken} invariants were broken` };
  // One file may be one long outage.
  const isBlind = isWhole ? missed > snapshots : missed > 0 && snapshots === 0;
  if (isBlind) return { passed: false, says: 'most looks at the cluster failed' };
  if (isWhole && mounts === 0) return { passed: false, says: 'no mount was ever seen' };
  return { passed: true, says: 'no invariant was broken' };
}
