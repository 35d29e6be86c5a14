// Is the source well-formed? (format, lint, types, generated files)
import path from 'node:path';
import { findStaleFiles } from '../../api/generate.ts';
import { findStalePages } from '../../cli/generate.ts';
import { findStaleChartFiles } from '../../deploy/install/generate.ts';
import { runProgram } from './programs.ts';
import { addResults, judgeOne, type Results } from './results.ts';

const bin = (name: string) => path.join(import.meta.dirname, '../../node_modules/.bin', name);

const CHECKS: { title: string; argv: string[] }[] = [
  { title: 'format', argv: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { title: 'lint', argv: [bin('oxlint'), '--type-aware', '--deny-warnings', '--quiet'] },
  { title: 'types', argv: [bin('tsc'), '--noEmit'] },
  { title: 'types of the page', argv: [bin('tsc'), '--noEmit', '-p', 'console/page'] },
];

/** Runs every check, also after one has failed. */
export async function runChecks(): Promise<Results> {
  let results: Results = { passed: 0, failures: [] };
  const record = (title: string, passed: boolean) => {
    console.log(`${passed ? '✓' : '✗'} ${title}`);
    results = addResults(results, judgeOne(passed, title));
  };
  for (const { title, argv } of CHECKS) record(title, (await runProgram(argv)) === 0);
  const stale = [...findStaleFiles(), ...findStalePages(), ...(await findStaleChartFiles())];
  record(
    `generated files${stale.length > 0 ? `: run npm run generate (${stale.join(', ')})` : ''}`,
    !stale[0],
  );
  return results;
}
