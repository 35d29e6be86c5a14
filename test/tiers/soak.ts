// How is the soak run, inside the stack and with the invariant checker beside it?
import path from 'node:path';
import { withInvariants } from './invariants.ts';
import { runProgram } from './programs.ts';
import { judgeOne, type Results } from './results.ts';
import type { VitestRun } from './vitest.ts';

/** Runs the soak; it and the checker count as one test each. */
export async function runSoak(
  place: Pick<VitestRun, 'environment' | 'enter'>,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<Results> {
  return await withInvariants(place, true, async ({ environment, enter }) => {
    const program = path.join(import.meta.dirname, '../soak/soak.ts');
    const argv = [
      ...[process.execPath, program],
      ...['--minutes', String(minutes), '--seed', String(seed)],
    ];
    const status = await runProgram(enter?.(argv) ?? argv, environment);
    return judgeOne(status === 0, `soak with the seed ${seed}`);
  });
}
