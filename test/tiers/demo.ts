// Do the commands that boot the stack, lead into it and show the product there do so, as the documentation has them?
import { namespace } from '../../deploy/demo/kubectl.ts';
import { readPages } from '../documents/pages.ts';
import { runInStack } from '../../deploy/install/install.ts';
import { runProgram } from './programs.ts';
import { addResults, judgeOne, type Results } from './results.ts';

/** Runs what pages tell to type outside of the stack, which is up; each page counts as one test. */
export async function runDemo(): Promise<Results> {
  let results: Results = { passed: 0, failures: [] };
  for (const { page, outside } of readPages()) {
    if (outside.length === 0) continue;
    const script = ['set -euo pipefail', ...outside.map((step) => step.script)].join('\n');
    const passed = (await runProgram(['bash', '-c', script])) === 0;
    const title = `the commands of ${page} do what it says`;
    console.log(`${passed ? '✓' : '✗'} ${title}`);
    results = addResults(results, judgeOne(passed, title));
  }
  return results;
}

/** Deletes what a demo has left to play with: its pods would be in the way of an uninstallation. */
export async function removeDemo(): Promise<void> {
  await runInStack([
    'kubectl',
    'delete',
    'namespace',
    namespace,
    '--ignore-not-found',
    '--timeout=2m',
  ]);
}
