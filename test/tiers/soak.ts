// How is the soak run, inside the stack and with the invariant checker beside it?
import path from 'node:path';
import { withInvariants } from './invariants.ts';
import { runProgram } from './programs.ts';
import type { Counts, VitestRun } from './vitest.ts';

/** Runs the soak; it and the checker count as one test each. */
export async function runSoak(
  place: Pick<VitestRun, 'environment' | 'enter'>,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<Counts> {
  return await withInvariants(place, true, async ({ environment, enter }) => {
    const program = path.join(import.meta.dirname, '../soak/soak.ts');
    const argv = [
      ...[process.execPath, program],
      ...['--minutes', String(minutes), '--seed', String(seed)],
    ];
    const status = await runProgram(enter?.(argv) ?? argv, environment);
    return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  });
}
