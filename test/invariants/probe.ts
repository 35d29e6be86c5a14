// Does mounted storage answer? (asked by a child process each: whoever waits for a hung mount cannot be ended)
import { spawn } from 'node:child_process';
import type { Answer } from './snapshot.ts';

const TIMEOUT_MS = 3_000;

/** `attributes` of the folder, which the storage client has itself; `names` in it, which the server must tell. */
export type Question = 'attributes' | 'names';

const PROGRAMS: Record<Question, string[]> = {
  attributes: ['stat', '--format=%F', '--'],
  names: ['ls', '-f', '--'],
};

/** Asks; never twice at once for the same path. */
export class Prober {
  readonly #waiting = new Set<string>();

  /** @param path as this process sees it */
  async ask(path: string, question: Question): Promise<Answer> {
    if (this.#waiting.has(path)) return 'silent';
    this.#waiting.add(path);
    const [program = '', ...args] = PROGRAMS[question];
    const child = spawn(program, [...args, path], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const ended = new Promise<Answer>((resolve) => {
      child.once('error', (error) => resolve(`the question failed: ${error.message}`));
      child.once('close', (code) => resolve(code === 0 ? 'ok' : parseError(errors)));
    });
    void ended.then(() => this.#waiting.delete(path));
    const late = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    const timeout = new Promise<Answer>((resolve) => {
      setTimeout(resolve, TIMEOUT_MS + 100, 'silent').unref();
    });
    const answer = await Promise.race([ended, timeout]);
    clearTimeout(late);
    return answer;
  }
}

/** Pure: what the kernel said, from the last words of a program's message. */
export function parseError(text: string): Answer {
  const reason = text.trim().split(': ').at(-1) ?? '';
  if (reason === 'No such file or directory') return 'gone';
  return reason === '' ? 'silent' : reason;
}
