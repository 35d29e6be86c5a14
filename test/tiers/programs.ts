// How does the test runner start other programs?
import { spawn } from 'node:child_process';

/** Runs a program with our own input and output; its exit status (1 when a signal ended it). */
export async function runProgram(
  argv: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  const [program, ...args] = argv as [string, ...string[]];
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
