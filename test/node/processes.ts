// How does the node lab run programs, and how does it end what it started?
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a finished program printed. */
export interface Output {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; a status other than 0 is an answer, not an error. */
export function run(file: string, args: string[], timeoutMs = 10_000): Promise<Output> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', encoding: 'utf8' } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
      resolve({ status, stdout, stderr });
    });
  });
}

/** As `run`, but fails with what the program said. */
export async function runOrFail(file: string, args: string[], timeoutMs?: number): Promise<string> {
  const { status, stdout, stderr } = await run(file, args, timeoutMs);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: status ${status}: ${stderr}`);
  return stdout;
}

/** A program that runs until it is stopped. */
export interface Service extends AsyncDisposable {
  pid: number;
  child: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program and waits until it prints `ready` (or at once, if there is nothing to wait for). */
export async function startService(
  file: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; ready?: RegExp } = {},
): Promise<Service> {
  const child = spawn(file, args, {
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = once(child, 'exit');
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const take = (bytes: Buffer) => {
    text += bytes.toString();
    if (options.ready?.test(text)) resolve();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.once('error', reject);
  void ended.then(() => reject(new Error(`${file} ended before it was ready: ${text}`)));
  if (options.ready === undefined) resolve();
  await ready;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 8_000);
    await ended;
    clearTimeout(timer);
  };
  return {
    pid: child.pid ?? 0,
    child,
    output: () => text,
    stop,
    [Symbol.asyncDispose]: () => stop('SIGKILL'),
  };
}

/** Waits until something holds; asks again every 20 ms. */
export async function until<T>(
  what: string,
  observe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await observe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
