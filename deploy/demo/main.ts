// npm run demo [-- --keep]: storage appears in a pod that is already running. (sets everything up itself)
import path from 'node:path';
import { installProduct } from '../install/install.ts';
import { ensureStackUp, observeStatus, spawnInStack } from '../stack/client.ts';
import { waitForExit } from '../stack/shell.ts';
import { printHeading, printLine } from './print.ts';

const startMs = performance.now();

/** One line that is overwritten on a terminal; on anything else only what takes long is told. */
function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K   ${line.slice(0, 100)}`);
  else printLine(line);
}

function endProgress(summary: string): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K');
  printLine(`${summary} (${((performance.now() - startMs) / 1000).toFixed(0)} s so far)`);
}

try {
  printHeading('A Kubernetes cluster of two nodes, Temporal and an S3 server on this machine');
  const { started } = await ensureStackUp(progress, 2);
  endProgress(started ? 'The stack is up' : 'The stack was up already');
  await installProduct(progress);
  endProgress('dynvol is installed from deploy/chart');
  const story = path.join(import.meta.dirname, 'story.ts');
  const uiAddress = observeStatus().temporalUi ?? '';
  const argv = [process.execPath, story, uiAddress, ...process.argv.slice(2)];
  process.exitCode = await waitForExit(spawnInStack(argv, { stdio: 'inherit' }));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
