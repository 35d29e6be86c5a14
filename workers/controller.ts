// The controller: which process watches the cluster and runs the workflows?
import { Runtime } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import { createAgentReports } from '../activities/agent-reports.ts';
import { createActivities } from '../activities/index.ts';
import { createNodeAgents } from '../activities/node-agents.ts';
import { ENROLMENT_PORT } from '../api/names.ts';
import { createClassKeeper } from '../classes/keeper.ts';
import { readAuthority } from '../enrolment/authority.ts';
import { createEnrolment } from '../enrolment/enrolment.ts';
import { startEnrolmentServer } from '../enrolment/server.ts';
import { reviewToken } from '../enrolment/token-review.ts';
import { createBridge } from '../watch/bridge.ts';
import type { Caches } from '../watch/caches.ts';
import { startClaimWatcher } from '../watch/claim-watcher.ts';
import { connectKubernetes } from '../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { createKubernetesApi, loadKubeConfig } from '../watch/kubernetes.ts';
import type { KubernetesApi } from '../watch/kubernetes.ts';
import { handleRefusals } from '../watch/refused-requests.ts';
import { createClaimWorker } from './claim-worker.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { ControllerEnvironment, loadEnvironment } from './config.ts';
import { startHealthServer } from './health.ts';
import { keepTemporal } from './keep-temporal.ts';
import { createWorkflowKeeper } from './keep-workflows.ts';
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
  const kubernetes = connectKubernetes(loadKubeConfig());
  const api = createKubernetesApi(handleRefusals(kubernetes, log));
  // First: agents need no Temporal to enrol.
  const enrolment = await startEnrolment(kubernetes, api);
  const temporal = await connectTemporal(config.TEMPORAL_ADDRESS, log, signal);
  waitingFor.delete('Temporal');
  await prepareSearchAttributes(temporal);
  const signalWithStart = createClaimSignaller({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    kubernetes: api,
    log,
  });
  const target = { connection: temporal, namespace: config.TEMPORAL_NAMESPACE };
  const bridge = createBridge({
    signalWithStart: async (claim, payload) => {
      await signalWithStart(claim, payload);
      workflows.told(claim);
    },
    log,
  });
  const settings = buildSettings();
  const watches = new AbortController();
  const onChange = () => {
    keeper.wake();
    reports.wake();
  };
  const caches: Caches = startClaimWatcher(
    { connection: kubernetes, log, onLook: bridge.look, onChange },
    watches.signal,
  );
  const agents = createNodeAgents({ view: caches, tlsDir: config.AGENT_TLS_DIR });
  const { look } = bridge;
  const workflows = createWorkflowKeeper({ ...target, view: caches, look, log });
  const keeper = createClassKeeper({ view: caches, kubernetes: api, settings, log });
  const reports = createAgentReports({ view: caches, kubernetes: api, agents, look, log });
  const worker = await createClaimWorker({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    bundlePath: config.WORKFLOW_BUNDLE,
    activities: createActivities({ view: caches, kubernetes: api, agents, settings, look }),
  });
  // An activity that read half a cache would take storage away.
  await Promise.race([caches.synced, waitForAbort(signal)]);
  signal.throwIfAborted();
  waitingFor.delete('caches');

  const lookAtAll = () => caches.claims().forEach((claim) => look(claim));
  const kept = Promise.all([
    keepTemporal({ ...target, log, onLost: lookAtAll }, signal),
    workflows.run(signal),
  ]);
  log.info('Controller started');
  await worker.runUntil(waitForAbort(signal));
  await Promise.all([bridge.stop(), keeper.stop(), reports.stop(), kept]);
  watches.abort();
  await caches.stopped;
  enrolment.close();
  kubernetes.close();
  await temporal.close();
}

function startEnrolment(kubernetes: KubernetesConnection, api: KubernetesApi) {
  const enrol = createEnrolment({
    reviewToken: (token) => reviewToken(kubernetes, token),
    kubernetes: api,
    readAuthority: () => readAuthority(config.AUTHORITY_DIR),
    log,
  });
  return startEnrolmentServer({ port: ENROLMENT_PORT, tlsDir: config.AGENT_TLS_DIR, enrol, log });
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
