// The node agent: which parts does it start, and in which order does it stop?
import type { Logger } from 'pino';
import manifest from '../package.json' with { type: 'json' };
import { describeError } from '../logging/describe-error.ts';
import { followLevelFile } from '../logging/level-file.ts';
import { createLogger } from '../logging/logger.ts';
import { logProcessLines } from '../logging/process-lines.ts';
import { startAgentIdentity } from './agent-identity.ts';
import { addAgentService } from './agent-service.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { addCsiServices, addRegistrationService } from './csi-services.ts';
import { armFailpoint } from './failpoints.ts';
import { observeKernelFeatures } from './kernel-features.ts';
import { Locks } from './locks.ts';
import { AgentMetrics } from './metrics.ts';
import { MountPodRetirement } from './mount-pod-retirement.ts';
import { NodeAgent } from './node-agent.ts';
import { ensureNodeDirectories, lockNode } from './node-directories.ts';
import { Owners } from './owners.ts';
import { startProbe } from './probe.ts';
import { startSelfHealing } from './self-healing.ts';
import {
  listenForHealth,
  listenOnAddress,
  listenOnSocket,
  makeServer,
  stopServer,
} from './servers.ts';
import { removeUnusedSources } from './source.ts';

const component = 'csi-node';

async function start(config: Config, log: Logger): Promise<() => Promise<void>> {
  if (config.failpoint !== '') armFailpoint(config.failpoint);
  const features = observeKernelFeatures(config.featuresOff);
  const lock = lockNode();
  ensureNodeDirectories(config.kubeletDir);
  removeUnusedSources();
  const locks = new Locks();
  const probe = startProbe(config.probeBinary);
  const retirement = new MountPodRetirement(log);
  const parts = { features, locks, probe, retirement, log };
  const healing = startSelfHealing(parts, config.hungMountTimeoutSeconds * 1000);
  const { served } = healing;
  const metrics = new AgentMetrics(log);
  const agent = new NodeAgent({ ...parts, ...healing, owners: new Owners(), metrics });
  const [csi, registration] = [makeServer(metrics.csiCalls), makeServer()];
  const api = makeServer(metrics.agentCalls);
  const dependencies = { config, version: manifest.version, locks, served, log };
  addCsiServices(csi, dependencies);
  addRegistrationService(registration, dependencies);
  const stopping = new AbortController();
  const { protoDir } = config;
  addAgentService(api, { agent, protoDir, log, stopping: stopping.signal });

  const identity = startAgentIdentity(config, log);
  const { isReady, findExpiryMs } = identity;
  // Before anything is waited for: sources are brought back already, and each is counted.
  metrics.follow({ reports: healing.reports, findExpiryMs });
  await listenOnAddress(api, config.agentListen, identity.credentials);
  await listenOnSocket(csi, config.csiSocket);
  // Last: from here on the kubelet and the liveness probe believe that we are there.
  await listenOnSocket(registration, config.registrationSocket);
  const exposeMetrics = () => metrics.expose();
  const health = await listenForHealth(config.healthPort, { isReady, exposeMetrics });
  log.info({ features }, 'Started node agent');

  return async () => {
    identity.stop();
    healing.close();
    stopping.abort();
    await Promise.all([registration, csi, api].map(stopServer));
    health.close();
    probe.close();
    lock[Symbol.dispose]();
  };
}

async function main(): Promise<void> {
  const config = readConfig(import.meta.dirname);
  const log = createLogger({ component, node: config.nodeName }, config.logLevel);
  logProcessLines(log);
  followLevelFile(log, config.logLevelFile);
  const stop = await start(config, log);
  const end = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'Stopping node agent; mounts stay');
    void stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

main().catch((error: unknown) => {
  const isConfig = error instanceof ConfigError;
  createLogger({ component }, 'info').fatal(
    { err: describeError(error) },
    isConfig ? 'Configuration is not usable' : 'Node agent did not start',
  );
  process.exit(isConfig ? 2 : 1);
});
