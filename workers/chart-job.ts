// What do the chart's Jobs do: check an installation, prepare its end, or end it?
import { Connection } from '@temporalio/client';
import { buildChecks, runChecks } from '../installation/check.ts';
import { freeClasses } from '../installation/free-classes.ts';
import { prepareUninstall } from '../installation/prepare-uninstall.ts';
import { describeError } from '../logging/describe-error.ts';
import { connectKubernetes } from '../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { loadKubeConfig } from '../watch/kubernetes.ts';
import { ChartJobEnvironment, loadEnvironment } from './config.ts';
import { readTemporalOptions } from './temporal-options.ts';

/** Of the five minutes that Helm waits. */
const UNINSTALL_MS = 240_000;
const TEMPORAL_MS = 10_000;

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns the exit code */
async function check(kubernetes: KubernetesConnection): Promise<number> {
  const config = loadEnvironment('check', ChartJobEnvironment.check);
  const namespace = config.TEMPORAL_NAMESPACE;
  const temporal = {
    address: config.TEMPORAL_ADDRESS,
    namespace,
    async describeNamespace() {
      const options = { ...readTemporalOptions(config), connectTimeout: TEMPORAL_MS };
      const connection = await Connection.connect(options);
      await connection.withDeadline(Date.now() + TEMPORAL_MS, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      await connection.close();
    },
  };
  return Math.min(1, await runChecks(buildChecks(kubernetes, temporal), tell));
}

/** @returns the exit code */
async function uninstall(connection: KubernetesConnection): Promise<number> {
  const { UNINSTALL_CLAIMS: claims } = loadEnvironment('uninstall', ChartJobEnvironment.uninstall);
  const options = { connection, claims, tell, timeoutMs: UNINSTALL_MS };
  return await tellFailure(() => prepareUninstall(options));
}

/** @returns the exit code */
async function freeAllClasses(connection: KubernetesConnection): Promise<number> {
  const options = { connection, tell, timeoutMs: UNINSTALL_MS };
  return await tellFailure(() => freeClasses(options));
}

/** @returns the exit code */
async function tellFailure(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    tell(describeError(error));
    return 1;
  }
}

const JOBS: Record<string, (connection: KubernetesConnection) => Promise<number>> = {
  check,
  uninstall,
  'free-classes': freeAllClasses,
};

const job = JOBS[process.argv[2] ?? ''];
if (job === undefined) {
  process.stderr.write(`The first argument must be one of ${Object.keys(JOBS).join(', ')}\n`);
  process.exit(2);
}
process.exit(await job(connectKubernetes(loadKubeConfig())));
