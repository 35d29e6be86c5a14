// The admission webhook: which process adds the volume root to pods, and checks claims and classes?
import { createAdmissionServer } from '../admission/server.ts';
import { chooseWildcard } from '../api/wildcard.ts';
import { followLevelFile } from '../logging/level-file.ts';
import { createLogger } from '../logging/logger.ts';
import { logProcessLines } from '../logging/process-lines.ts';
import { connectKubernetes } from '../watch/kubernetes-connection.ts';
import { createKubernetesApi, loadKubeConfig } from '../watch/kubernetes.ts';
import { loadEnvironment, WebhookEnvironment } from './config.ts';
import { startHealthServer } from './health.ts';
import { waitForTermination } from './termination.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';

/** The API server waits 5 s for us; this leaves time to answer without it. */
const LOOK_UP_MS = 3_000;

const config = loadEnvironment('webhook', WebhookEnvironment);
const log = createLogger({ component: 'webhook' }, config.LOG_LEVEL);
logProcessLines(log);
followLevelFile(log, config.LOG_LEVEL_FILE);
const kubernetes = createKubernetesApi(connectKubernetes(loadKubeConfig()));

const limit = () => AbortSignal.timeout(LOOK_UP_MS);

const metrics = createWebhookMetrics(log);

const server = createAdmissionServer({
  tlsDir: config.TLS_DIR,
  log,
  onReviewed: metrics.onReviewed,
  onCertificate: metrics.onCertificate,
  lookUps: {
    findClass: (name) => kubernetes.getStorageProviderClass(name, limit()),
    findNamespace: (name) => kubernetes.getNamespace(name, limit()),
    listClaims: (namespace) => kubernetes.listClaims(namespace, limit()),
    findPod: (namespace, name) => kubernetes.getPod(namespace, name, limit()),
  },
});
await server.listen({ port: config.PORT, host: chooseWildcard() });
const health = await startHealthServer(
  config.HEALTH_PORT,
  () => [],
  () => metrics.registry.expose(),
);
log.info({ port: config.PORT }, 'Webhook started');

await waitForTermination();
// Requests in flight are answered before the sockets close.
await server.close();
await health.close();
process.exit(0);
