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

/** A program that runs until its standard input closes. */
export interface Companion {
  /** Closes its standard input and waits for its end. */
  end: () => Promise<void>;
}

/** Starts a program that runs beside others, with our own output. */
export function startProgram(
  argv: readonly string[],
  environment: Record<string, string> = {},
): Companion {
  const [program, ...args] = argv as [string, ...string[]];
  const child = spawn(program, args, {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  // One that has ended early says so by what it did not write.
  child.stdin.on('error', () => undefined);
  return {
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
