// How do the cluster tests run the stack's programs (kubectl, rclone, versitygw, temporal)?
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a program said; a status other than 0 is an answer here, not an exception. */
export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program of the stack to its end. */
export async function run(program: string, args: string[]): Promise<Outcome> {
  try {
    const { stdout, stderr } = await execute(program, args, { maxBuffer: 256 << 20 });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    return {
      status: typeof failed.code === 'number' ? failed.code : -1,
      stdout: failed.stdout ?? '',
      stderr: failed.stderr ?? String(error),
    };
  }
}

/** Runs a program that must succeed; its standard output. */
export async function runOk(program: string, args: string[]): Promise<string> {
  const outcome = await run(program, args);
  if (outcome.status === 0) return outcome.stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${outcome.status}: ${outcome.stderr}`);
}
