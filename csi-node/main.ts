// The node agent: which parts does it start, and in which order does it stop?
import pino, { type Logger } from 'pino';
import { addAgentService, watchServerCredentials } from './agent-service.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { addCsiServices, addRegistrationService } from './csi-services.ts';
import { observeKernelFeatures } from './kernel-features.ts';
import { Locks } from './locks.ts';
import { MountPodRetirement } from './mount-pod-retirement.ts';
import { NodeAgent } from './node-agent.ts';
import { ensureNodeDirectories, lockNode } from './node-directories.ts';
import { Owners } from './owners.ts';
import type { ServedSources } from './served-sources.ts';
import { startProbe } from './probe.ts';
import {
  listenForHealth,
  listenOnAddress,
  listenOnSocket,
  makeServer,
  stopServer,
} from './servers.ts';
import { removeUnusedSources } from './source.ts';

const VERSION = '0.1.0';

async function start(config: Config, log: Logger): Promise<() => Promise<void>> {
  const features = observeKernelFeatures(config.featuresOff);
  const lock = lockNode();
  ensureNodeDirectories(config.kubeletDir);
  removeUnusedSources();
  const locks = new Locks();
  const probe = startProbe(config.probeBinary);
  const retirement = new MountPodRetirement(log);
  const served: ServedSources = new Map();
  const parts = { features, locks, owners: new Owners(), probe, retirement, served };
  const agent = new NodeAgent({ ...parts, log });
  const [csi, registration, api] = [makeServer(), makeServer(), makeServer()];
  const dependencies = { config, version: VERSION, locks, served, log };
  addCsiServices(csi, dependencies);
  addRegistrationService(registration, dependencies);
  addAgentService(api, { agent, protoDir: config.protoDir, log });

  const { credentials, loaded } = watchServerCredentials(config.tlsDir);
  await listenOnAddress(api, config.agentListen, credentials);
  await loaded;
  await listenOnSocket(csi, config.csiSocket);
  // Last: from here on the kubelet and the liveness probe believe that we are there.
  await listenOnSocket(registration, config.registrationSocket);
  const health = await listenForHealth(config.healthPort);
  log.info({ node: config.nodeName, features }, 'Started node agent');

  return async () => {
    await Promise.all([registration, csi, api].map(stopServer));
    health.close();
    probe.close();
    lock[Symbol.dispose]();
  };
}

async function main(): Promise<void> {
  const config = readConfig(import.meta.dirname);
  const log = pino({ level: config.logLevel, base: { component: 'csi-node' } });
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
  pino({ base: { component: 'csi-node' } }).fatal(
    { err: error instanceof Error ? error.message : String(error) },
    isConfig ? 'Configuration is not usable' : 'Node agent did not start',
  );
  process.exit(isConfig ? 2 : 1);
});
