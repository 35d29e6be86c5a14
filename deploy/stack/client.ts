// How do the demo and the tests use the stack?
import path from 'node:path';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { BuiltImage } from '../images/built-image.ts';
import { ensureImported } from '../images/import-images.ts';
import { addresses, ports, s3Administrator, s3Region, temporalNamespace } from './addresses.ts';
import { config } from './config.ts';
import { withStackLock } from './lock.ts';
import { buildEnterArgv } from './namespaces.ts';
import { run, start } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { isRunning, readState } from './state.ts';
import { buildFindHolder, StackControl } from './steer.ts';

export { stackDown } from './down.ts';
export { stackPaths } from './stack-paths.ts';
export { observeStatus } from './status.ts';
export { ensureStackUp } from './up.ts';

const notUp = 'The stack is not up: npm run stack -- up';

/**
 * Stops, starts or restarts components of the running stack, or reboots a node.
 *
 * @throws Error when the stack is not up
 */
export async function controlStack(work: (control: StackControl) => Promise<void>): Promise<void> {
  await withStackLock(async () => {
    const state = readState();
    if (!isRunning(state)) throw new Error(notUp);
    await work(new StackControl(buildFindHolder(state)));
  });
}

/** Environment of a command inside the stack, without what the caller has. */
export function stackEnv(): Record<string, string> {
  return {
    KUBECONFIG: stackPaths.adminKubeconfig,
    // These programs would otherwise leave files in the caller's home.
    KUBECACHEDIR: `${stackPaths.state}/kubectl-cache`,
    HELM_CACHE_HOME: `${stackPaths.state}/helm/cache`,
    HELM_CONFIG_HOME: `${stackPaths.state}/helm/config`,
    HELM_DATA_HOME: `${stackPaths.state}/helm/data`,
    RCLONE_CONFIG: `${stackPaths.state}/rclone.conf`,
    TEMPORAL_ADDRESS: `${addresses.node}:${ports.temporal}`,
    TEMPORAL_NAMESPACE: temporalNamespace,
    AWS_ENDPOINT_URL: 'https://s3.storage.svc',
    AWS_ACCESS_KEY_ID: s3Administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3Administrator.secretAccessKey,
    AWS_REGION: s3Region,
    AWS_CA_BUNDLE: stackPaths.caCertificate,
    // The command line of the product needs the Node that runs us, which may be newer than the machine's.
    PATH: [stackPaths.bin, path.dirname(process.execPath), config.path].join(':'),
  };
}

/**
 * The command line that runs a command inside the stack, on its first node, with `stackEnv()` still to be given to it.
 *
 * @param cwd absolute; the checkout and /tmp are the same inside
 * @throws Error when the stack is not up
 */
export function enterArgv(argv: readonly string[], cwd = process.cwd()): string[] {
  const state = readState();
  if (!isRunning(state)) throw new Error(notUp);
  return buildEnterArgv(state.holders[0].pid, argv, cwd);
}

/**
 * Imports the images that a node's containerd lacks, on every node.
 *
 * @returns names of the images that some node lacked
 * @throws Error when the stack is not up
 */
export async function importIntoStack(images: readonly BuiltImage[]): Promise<string[]> {
  const state = readState();
  if (!isRunning(state)) throw new Error(notUp);
  const imported = await Promise.all(
    state.holders.map(({ pid }) =>
      ensureImported(images, (argv) => run(buildEnterArgv(pid, argv, '/'), { env: stackEnv() })),
    ),
  );
  return [...new Set(imported.flat())];
}

/**
 * Starts a command inside the stack with the stack's environment added to the caller's.
 * Takes about 5 ms more than outside; stopping the child stops the command.
 *
 * @throws Error when the stack is not up
 */
export function spawnInStack(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const { cwd, env, ...rest } = options;
  return start(enterArgv(argv, cwd?.toString()), {
    ...rest,
    env: { ...config.environment, ...stackEnv(), ...env },
  });
}
