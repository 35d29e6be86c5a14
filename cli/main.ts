#!/usr/bin/env node
// Where does `kubectl dynvol` begin?
import { readEnvironment } from './config.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { explainFailure } from './failures.ts';
import { runCli } from './program.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());
// What a library throws where nobody waits for it: still one sentence and no stack trace.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${explainFailure(error, 'The cluster').message}.\n`);
  process.exit(EXIT_CODES.failed);
});
process.stdout.on('error', endUnwritten);

const exitCode = await runCli(process.argv.slice(2), {
  environment: readEnvironment(),
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => new Date(),
  signal: interrupted.signal,
});
// What a pipe has not taken yet would be lost, and a connection that lingers must hold nobody up.
process.stdout.write('', () => {
  // The event of what went wrong may come after this.
  if (process.stdout.errored) endUnwritten(process.stdout.errored);
  process.stderr.write('', () => process.exit(exitCode));
});

function endUnwritten(error: NodeJS.ErrnoException): never {
  // Whoever reads has read enough, as `head` does.
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok);
  process.stderr.write(`The output cannot be written: ${error.message}.\n`);
  process.exit(EXIT_CODES.failed);
}
