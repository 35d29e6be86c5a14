// The controller: which process watches the cluster and runs the workflows?
import { dirname } from 'node:path';
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
import { describeError } from '../logging/describe-error.ts';
import { followLevelFile } from '../logging/level-file.ts';
import { createLogger } from '../logging/logger.ts';
import { logProcessLines } from '../logging/process-lines.ts';
import { createBridge } from '../watch/bridge.ts';
import type { Console } from '../console/server/server.ts';
import type { Caches, ClusterChange } from '../watch/caches.ts';
import { startClaimWatcher } from '../watch/claim-watcher.ts';
import { connectKubernetes } from '../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { createKubernetesApi, loadKubeConfig } from '../watch/kubernetes.ts';
import type { KubernetesApi } from '../watch/kubernetes.ts';
import { handleRefusals } from '../watch/refused-requests.ts';
import { waitForChangedFiles } from './changed-files.ts';
import { createClaimWorker } from './claim-worker.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { ControllerEnvironment, loadEnvironment } from './config.ts';
import { startControllerConsole } from './console.ts';
import { createControllerMetrics, NEEDS } from './controller-metrics.ts';
import type { Need } from './controller-metrics.ts';
import { startHealthServer } from './health.ts';
import { keepTemporal } from './keep-temporal.ts';
import { createWorkflowKeeper } from './keep-workflows.ts';
import { adaptLogger } from './temporal-logger.ts';
import { readTemporalMetrics, TEMPORAL_METRICS } from './temporal-metrics.ts';
import { connectTemporal, createClaimSignaller } from './temporal.ts';
import { waitForTermination } from './termination.ts';

const config = loadEnvironment('controller', ControllerEnvironment);
const log = createLogger({ component: 'controller' }, config.LOG_LEVEL);
logProcessLines(log);
followLevelFile(log, config.LOG_LEVEL_FILE);
// Before anything of Temporal; termination is ours, because more than the worker has to end.
Runtime.install({
  logger: adaptLogger(log),
  telemetryOptions: {
    logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
    metrics: TEMPORAL_METRICS,
  },
  shutdownSignals: [],
});

const stop = new AbortController();
void waitForTermination().then(() => stop.abort());
void endWhenRenewed();
const waitingFor = new Set<Need>(NEEDS);
const metrics = createControllerMetrics({
  tlsDir: config.AGENT_TLS_DIR,
  authorityDir: config.AUTHORITY_DIR,
  waitingFor,
  log,
});
const health = await startHealthServer(
  config.HEALTH_PORT,
  () => [...waitingFor],
  async () => (await metrics.registry.expose()) + (await readTemporalMetrics()),
);

try {
  await run(stop.signal);
  log.info('Controller stopped');
} catch (error) {
  if (!stop.signal.aborted) {
    const stack = error instanceof Error ? error.stack : undefined;
    log.fatal({ err: describeError(error), stack }, 'Controller failed');
    process.exitCode = 1;
  }
}
stop.abort();
await health.close();
process.exit();

/** Whoever starts anew reads everything again: certificates are renewed for months, and seldom. */
async function endWhenRenewed(): Promise<void> {
  const { AGENT_TLS_DIR, AUTHORITY_DIR, TEMPORAL_TLS_DIR, TEMPORAL_API_KEY_FILE } = config;
  const ofTemporal = [TEMPORAL_TLS_DIR, TEMPORAL_API_KEY_FILE && dirname(TEMPORAL_API_KEY_FILE)];
  const directories = [
    AGENT_TLS_DIR,
    AUTHORITY_DIR,
    ...ofTemporal.filter((dir) => dir !== undefined),
  ];
  if (!(await waitForChangedFiles(directories, { signal: stop.signal }))) return;
  log.info('Certificates or keys are others now; the controller starts anew');
  stop.abort();
}

/** Runs until the signal aborts; throws when the worker cannot go on. */
async function run(signal: AbortSignal): Promise<void> {
  const kubernetes = connectKubernetes(loadKubeConfig());
  const api = createKubernetesApi(handleRefusals(kubernetes, log));
  // First: agents need no Temporal to enrol.
  const enrolment = await startEnrolment(kubernetes, api);
  const tracing = await loadTracing();
  const temporal = await connectTemporal(config, log, signal);
  waitingFor.delete('Temporal');
  await prepareSearchAttributes(temporal);
  const signalWithStart = createClaimSignaller({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    kubernetes: api,
    log,
    interceptors: tracing?.clientInterceptors,
  });
  const bridge = createBridge({
    signalWithStart: tracing?.traceSignal(signalWithStart) ?? signalWithStart,
    log,
    onSignalled(claim, seconds) {
      metrics.noteSignalled(seconds);
      workflows.told(claim);
    },
  });
  const look = tracing?.traceLook(bridge.look) ?? bridge.look;
  const settings = buildSettings();
  const watches = new AbortController();
  let consoleServer: Console | undefined;
  const onChange = (change?: ClusterChange) => {
    keeper.wake();
    reports.wake();
    if (change) consoleServer?.note(change);
  };
  const caches: Caches = startClaimWatcher(
    { connection: kubernetes, log, onLook: look, onChange, observer: metrics.watches },
    watches.signal,
  );
  metrics.follow({ view: caches, bridge });
  const observed = metrics.observe(
    createNodeAgents({ view: caches, tlsDir: config.AGENT_TLS_DIR }),
  );
  const agents = tracing?.traceAgents(observed) ?? observed;
  const target = { connection: temporal, namespace: config.TEMPORAL_NAMESPACE };
  const workflows = createWorkflowKeeper({ ...target, view: caches, look, log });
  const keeper = createClassKeeper({ view: caches, kubernetes: api, settings, log });
  const reports = createAgentReports({ view: caches, kubernetes: api, agents, look, log });
  const worker = await createClaimWorker({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    bundlePath: config.WORKFLOW_BUNDLE,
    activities: createActivities({ view: caches, kubernetes: api, agents, settings, look }),
    interceptors: tracing?.activityInterceptors,
  });
  // An activity that read half a cache would take storage away.
  await Promise.race([caches.synced, waitForAbort(signal)]);
  signal.throwIfAborted();
  waitingFor.delete('caches');

  const lookAtAll = () => caches.claims().forEach((claim) => look(claim));
  consoleServer = await startControllerConsole({
    view: caches,
    kubernetes,
    temporal: target,
    agents,
    tlsDir: config.AGENT_TLS_DIR,
    filesDir: config.CONSOLE_FILES,
    log,
  });
  const kept = Promise.all([
    keepTemporal({ ...target, log, onLost: lookAtAll }, signal),
    workflows.run(signal),
  ]);
  log.info('Controller started');
  await worker.runUntil(waitForAbort(signal));
  const closed = consoleServer?.close() ?? Promise.resolve();
  const stopped = [bridge.stop(), keeper.stop(), reports.stop(), kept, closed];
  await Promise.all(stopped);
  await tracing?.stop();
  watches.abort();
  await caches.stopped;
  enrolment.close();
  kubernetes.close();
  await temporal.close();
}

/** Nothing of OpenTelemetry is loaded when nobody wants traces. */
async function loadTracing() {
  const endpoint = config.TRACING_ENDPOINT;
  if (endpoint === undefined) return undefined;
  const { startTracing } = await import('../tracing/start-tracing.ts');
  return startTracing({ endpoint, serviceName: 'dynvol-controller', log });
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
    ...(config.MOUNT_POD_PULL_POLICY ? { pullPolicy: config.MOUNT_POD_PULL_POLICY } : {}),
    ...(config.MOUNT_POD_PULL_SECRETS ? { pullSecrets: config.MOUNT_POD_PULL_SECRETS } : {}),
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
