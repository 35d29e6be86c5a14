// How does a test run `kubectl dynvol`, without a process and without a terminal?
import type { KubeConfig } from '@kubernetes/client-node';
import type { CliSystem } from '../../cli/context.ts';
import { runCli } from '../../cli/program.ts';

/** What a command left behind. */
export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs one command line against a cluster, in an environment of its own. */
export async function runCommand(
  words: readonly string[],
  kubeConfig: KubeConfig,
  changes: Partial<Pick<CliSystem, 'environment' | 'signal' | 'now'>> = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const exitCode = await runCli(words, {
    environment: {},
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    now: () => new Date(),
    signal: new AbortController().signal,
    kubeConfig,
    ...changes,
  });
  return { exitCode, stdout, stderr };
}
