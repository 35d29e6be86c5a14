// The controller: which process watches the cluster and runs the workflows?
import { Runtime } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { createNodeAgents } from '../activities/node-agents.ts';
import { createClassKeeper } from '../classes/keeper.ts';
import { createBridge } from '../watch/bridge.ts';
import type { Caches } from '../watch/caches.ts';
import { startClaimWatcher } from '../watch/claim-watcher.ts';
import { connectKubernetes } from '../watch/kubernetes-connection.ts';
import { createKubernetesApi, loadKubeConfig } from '../watch/kubernetes.ts';
import { ensureAuditSchedule } from './audit-schedule.ts';
import { createClaimWorker } from './claim-worker.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { ControllerEnvironment, loadEnvironment } from './config.ts';
import { startHealthServer } from './health.ts';
import { adaptLogger, createLogger } from './logger.ts';
import { connectTemporal, createClaimSignaller } from './temporal.ts';
import { waitForTermination } from './termination.ts';

const config = loadEnvironment(ControllerEnvironment);
const log = createLogger('controller', config.LOG_LEVEL);
// Before anything of Temporal; termination is ours, because more than the worker has to end.
Runtime.install({
  logger: adaptLogger(log),
  telemetryOptions: {
    logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
  },
  shutdownSignals: [],
});

const stop = new AbortController();
void waitForTermination().then(() => stop.abort());
const waitingFor = new Set(['Temporal', 'caches']);
const health = await startHealthServer(config.HEALTH_PORT, () => [...waitingFor]);

try {
  await run(stop.signal);
  log.info('Controller stopped');
} catch (error) {
  if (!stop.signal.aborted) {
    log.fatal({ err: error }, 'Controller failed');
    process.exitCode = 1;
  }
}
stop.abort();
await health.close();
process.exit();

/** Runs until the signal aborts; throws when the worker cannot go on. */
async function run(signal: AbortSignal): Promise<void> {
  const temporal = await connectTemporal(config.TEMPORAL_ADDRESS, log, signal);
  waitingFor.delete('Temporal');
  await prepareSearchAttributes(temporal);
  const signalWithStart = createClaimSignaller(temporal, config.TEMPORAL_NAMESPACE, log);
  const bridge = createBridge({ signalWithStart, log });
  const kubernetes = connectKubernetes(loadKubeConfig());
  const api = createKubernetesApi(kubernetes);
  const settings = buildSettings();
  const watches = new AbortController();
  const caches: Caches = startClaimWatcher(
    { connection: kubernetes, log, onLook: bridge.look, onChange: () => keeper.wake() },
    watches.signal,
  );
  const keeper = createClassKeeper({ view: caches, kubernetes: api, settings, log });
  const worker = await createClaimWorker({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    bundlePath: config.WORKFLOW_BUNDLE,
    activities: createActivities({
      view: caches,
      kubernetes: api,
      agents: createNodeAgents({ view: caches, tlsDir: config.AGENT_TLS_DIR }),
      settings,
      look: bridge.look,
    }),
  });
  // An activity that read half a cache would take storage away.
  await Promise.race([caches.synced, waitForAbort(signal)]);
  signal.throwIfAborted();
  waitingFor.delete('caches');

  const target = { connection: temporal, namespace: config.TEMPORAL_NAMESPACE };
  const scheduled = ensureAuditSchedule(target, log, signal);
  log.info('Controller started');
  await worker.runUntil(waitForAbort(signal));
  await Promise.all([bridge.stop(), keeper.stop(), scheduled]);
  watches.abort();
  await caches.stopped;
  kubernetes.close();
  await temporal.close();
}

/** Where Temporal is managed by others they may be registered already, or have to be by hand. */
async function prepareSearchAttributes(temporal: NativeConnection): Promise<void> {
  try {
    await ensureSearchAttributes(temporal, config.TEMPORAL_NAMESPACE);
  } catch (error) {
    log.error({ err: error }, 'Search attributes could not be registered');
  }
}

function buildSettings() {
  return {
    mountPodImage: config.MOUNT_POD_IMAGE,
    temporalNamespace: config.TEMPORAL_NAMESPACE,
    ...(config.MOUNT_POD_PRIORITY_CLASS
      ? { priorityClassName: config.MOUNT_POD_PRIORITY_CLASS }
      : {}),
    ...(config.TRUSTED_CA_CONFIG_MAP ? { trustedCaConfigMap: config.TRUSTED_CA_CONFIG_MAP } : {}),
    ...(config.TEMPORAL_UI_URL ? { temporalUiUrl: config.TEMPORAL_UI_URL } : {}),
  };
}

function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
