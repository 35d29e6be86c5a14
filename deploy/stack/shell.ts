// How does everything below deploy/ run another program?
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { config } from './config.ts';

/** Options of `run`; `env` is added to the caller's environment. */
export type RunOptions = {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Gets each line of standard error while the program runs. */
  onErrorLine?: (line: string) => void;
};

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws Error with the last lines of standard error when it cannot start or exits with anything but 0
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = start(argv, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...config.environment, PATH: config.path, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that ends without reading its input is not an error of ours: its exit status tells.
  child.stdin?.on('error', () => undefined).end(options.input ?? '');
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  if (child.stderr && options.onErrorLine) {
    createInterface(child.stderr).on('line', options.onErrorLine);
  }
  const status = await waitForExit(child);
  if (status !== 0) throw new Error(describeFailure(argv, status, errors() || output()));
  return output();
}

/** Starts a program with Node's own options; the only place below deploy/ that calls `spawn`. */
export function start(argv: readonly string[], options: SpawnOptions): ChildProcess {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error('No program was given to start');
  return spawn(program, args, options);
}

/**
 * Starts a program that outlives us: own session, output appended to a file.
 *
 * @throws Error when the program cannot be started
 */
export function startDetached(
  argv: readonly string[],
  options: { logFile: string; env?: Record<string, string>; withChannel?: boolean },
): ChildProcess {
  const log = openSync(options.logFile, 'a', 0o600);
  return start(argv, {
    detached: true,
    cwd: '/',
    env: { PATH: config.path, HOME: '/root', ...options.env },
    stdio: options.withChannel ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
  });
}

/** Waits for a program's end; a signal counts as 128 plus its number would in a shell, here just 128. */
export function waitForExit(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

function describeFailure(argv: readonly string[], status: number, errors: string): string {
  const tail = errors.trim().split('\n').slice(-15).join('\n');
  // What a person asked for comes after the words that enter the stack.
  const command = argv.slice(argv[0] === 'nsenter' ? argv.indexOf('-C') + 2 : 0);
  return `"${command.slice(0, 6).join(' ')}" ended with status ${status}\n${tail}`;
}
