// Which cluster does a command talk to, and as whom?
import { KubeConfig } from '@kubernetes/client-node';
import { CliError } from './cli-error.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { GlobalFlags } from './flags.ts';

/** What the library calls a cluster that it has only guessed. */
const GUESSED_CONTEXT = 'loaded-context';

/**
 * Loads `--kubeconfig`, else what the library finds: `KUBECONFIG`, `~/.kube/config`, the service account of a pod.
 * @throws CliError there is none, it cannot be read, or it has no such context
 */
export function loadKubeConfig(
  flags: Pick<GlobalFlags, 'kubeconfig' | 'context'>,
  environment: Readonly<Record<string, string | undefined>>,
): KubeConfig {
  const config = readConfig(flags.kubeconfig, environment);
  if (flags.context !== undefined) selectContext(config, flags.context);
  if (config.getCurrentCluster() === null) {
    throw new CliError(
      `The kubeconfig has no cluster for its context "${config.getCurrentContext() ?? ''}": choose one of ${listContexts(config)} with --context`,
      EXIT_CODES.usage,
    );
  }
  return config;
}

function readConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): KubeConfig {
  const config = new KubeConfig();
  const source = file ?? environment['KUBECONFIG'] ?? '~/.kube/config';
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new CliError(`The kubeconfig ${source} cannot be read: ${why}`, EXIT_CODES.usage, {
      cause: error,
    });
  }
  if (file === undefined && config.getCurrentContext() === GUESSED_CONTEXT) {
    throw new CliError(
      'There is no kubeconfig: give one with --kubeconfig or in the environment variable KUBECONFIG',
      EXIT_CODES.usage,
    );
  }
  return config;
}

function selectContext(config: KubeConfig, name: string): void {
  if (config.getContextObject(name) === null) {
    throw new CliError(
      `The kubeconfig has no context "${name}"; it has ${listContexts(config)}`,
      EXIT_CODES.notFound,
    );
  }
  config.setCurrentContext(name);
}

function listContexts(config: KubeConfig): string {
  const names = config.getContexts().map((context) => `"${context.name}"`);
  return names.length === 0 ? 'none' : names.join(', ');
}

/** Namespace of the kubeconfig's context. */
export function readNamespace(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
}
