// How does this checkout's product get onto the running stack?
import path from 'node:path';
import { ensureImages } from '../images/build.ts';
import {
  enterArgv,
  importIntoStack,
  observeStatus,
  stackEnv,
  stackPaths,
} from '../stack/client.ts';
import type { Progress } from '../stack/progress.ts';
import { run } from '../stack/shell.ts';

const chart = path.join(import.meta.dirname, '../chart');
const chartOfCrds = path.join(import.meta.dirname, '../chart-crds');
const commandLine = path.join(import.meta.dirname, '../../cli/build.ts');
const namespace = ['--namespace', 'dynvol-system', '--create-namespace'];

/**
 * Builds the images that changed, imports them, installs or upgrades the charts and puts `kubectl dynvol` beside
 * kubectl; returns when every part is ready. Repeating it changes nothing.
 *
 * @throws Error with the last words of the program that failed
 */
export async function installProduct(progress: Progress): Promise<void> {
  const archives = await ensureImages(progress);
  await importIntoStack(archives);
  progress('installing the chart');
  await runInStack([
    ...['helm', 'upgrade', '--install', 'dynvol-crds', chartOfCrds, ...namespace],
    // CRDs that were applied by hand; Helm 4.0 takes them over on the client's side only.
    ...['--take-ownership', '--server-side=false'],
  ]);
  await runInStack(buildHelmArgv(archives.map(({ digest }) => digest).join(' ')));
  await run([process.execPath, commandLine, stackPaths.bin]);
}

function buildHelmArgv(digests: string): string[] {
  const { temporalUi } = observeStatus();
  const values = {
    // One of each is enough on one machine; the chart's default is two.
    'controller.replicas': 1,
    'webhook.replicas': 1,
    // Tags do not change while developing: other content must start other pods.
    'podAnnotations.images': digests,
    'temporal.uiUrl': temporalUi ? new URL(temporalUi).origin : '',
  };
  return [
    ...['helm', 'upgrade', '--install', 'dynvol', chart, ...namespace, '--skip-crds'],
    ...['--set-file', `trustedCABundle=${stackPaths.caCertificate}`],
    ...Object.entries(values).flatMap(([key, value]) => [
      '--set-json',
      `${key}=${JSON.stringify(value)}`,
    ]),
    ...['--wait', '--timeout', '180s'],
  ];
}

/** Runs a program inside the stack; its standard output. */
export async function runInStack(argv: readonly string[]): Promise<string> {
  return await run(enterArgv(argv), { env: stackEnv() });
}
