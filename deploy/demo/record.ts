// What does a terminal show when commands are typed into it, and when? (runs inside the stack)
import { run } from '../stack/shell.ts';
import type { RecordedLine } from './render-recording.ts';

/** How long somebody takes to read an answer and to type the next command. */
const BETWEEN_MS = 1_500;

/** One line of a shell, or a comment that begins with `#`. */
export type Typed = string;

/**
 * Runs lines of a shell one after another.
 *
 * @returns all that a person would have seen, each line at the time at which it appeared; time between commands is not
 * that of the machine
 * @throws Error a command ends with another status than 0
 */
export async function record(
  typed: readonly Typed[],
  environment: Record<string, string>,
): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = [];
  let atMs = 0;
  for (const text of typed) {
    lines.push({ text, typed: true, atMs });
    const startMs = performance.now();
    const output = text.startsWith('#')
      ? ''
      : await run(['bash', '-c', text], { env: environment });
    atMs += performance.now() - startMs;
    for (const line of output.split('\n').filter(Boolean)) lines.push({ text: line, atMs });
    atMs += BETWEEN_MS;
  }
  return lines;
}
