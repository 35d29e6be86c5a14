// How do the processes of the first node come up, once its namespaces exist? Runs inside them, started by `up`.
import { request } from 'node:http';
import type { BuiltImage } from '../images/built-image.ts';
import { addresses, ports, temporalNamespace } from './addresses.ts';
import { BootProcesses } from './boot-processes.ts';
import { answerOrder } from './boot-program.ts';
import { createBootstrapObjects } from './bootstrap-objects.ts';
import { buildControlPlane, buildNodeComponents } from './components/all.ts';
import { openKubeApi, type KubeApi } from './kube-api.ts';
import { startNetwork } from './network.ts';
import { importImages } from './node-images.ts';
import { bootTimeoutMs, waitForContainerd, waitForNames, waitForNode } from './node-ready.ts';
import { firstNode } from './nodes.ts';
import type { Progress } from './progress.ts';
import { createSampleBuckets } from './sample-buckets.ts';
import type { ProcessesByName } from './state.ts';
import { waitUntil } from './wait-until.ts';

/** What `up` orders. */
export type BootOrder = { sandboxImage: string; images: BuiltImage[] };

/** Boots the servers and the first node. */
async function boot(order: BootOrder, progress: Progress): Promise<ProcessesByName> {
  await startNetwork(firstNode);
  const groups = [buildControlPlane(), buildNodeComponents(firstNode, order.sandboxImage)];
  const processes = new BootProcesses();
  processes.start(groups.flatMap(({ first }) => first));
  const startSecond = () => processes.start(groups.flatMap(({ second }) => second));
  const ready = [
    bootCluster(order.images, progress, startSecond),
    waitForTemporal(progress),
    bootS3(progress),
  ];
  return processes.waitFor(Promise.all(ready));
}

async function bootCluster(
  images: readonly BuiltImage[],
  progress: Progress,
  startSecond: () => void,
): Promise<void> {
  const api = openKubeApi();
  await Promise.all([fillContainerd(images, progress), waitForApi(api, progress)]);
  startSecond();
  await createBootstrapObjects(api);
  await Promise.all([waitForPods(api, progress), waitForServices(progress)]);
  api.close();
}

async function fillContainerd(images: readonly BuiltImage[], progress: Progress): Promise<void> {
  await waitForContainerd();
  await importImages(images);
  progress('containerd is ready');
}

async function waitForApi(api: KubeApi, progress: Progress): Promise<void> {
  const isReady = async () => (await api.call('GET', '/readyz')).status === 200;
  await waitUntil('the API server is ready', isReady, bootTimeoutMs);
  progress('API server is ready');
}

/** Pods are refused until the controller manager has made the namespace's account. */
async function waitForPods(api: KubeApi, progress: Progress): Promise<void> {
  await waitForNode(api, firstNode);
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  const hasAccount = async () => (await api.call('GET', path)).status === 200;
  await waitUntil('the default service account exists', hasAccount, bootTimeoutMs);
  progress(`${firstNode.name} is ready`);
}

async function waitForServices(progress: Progress): Promise<void> {
  await waitForNames();
  progress('DNS and Services answer');
}

async function waitForTemporal(progress: Progress): Promise<void> {
  const url = `http://${addresses.node}:${ports.temporalUi}/api/v1/namespaces/${temporalNamespace}`;
  const isServed = async () => (await get(url)) === 200;
  await waitUntil('Temporal serves its namespace', isServed, bootTimeoutMs);
  progress('Temporal is ready');
}

async function bootS3(progress: Progress): Promise<void> {
  const url = `http://${addresses.s3Plain}:${ports.s3Plain}/health`;
  await waitUntil('S3 answers', async () => (await get(url)) === 200, bootTimeoutMs);
  await createSampleBuckets();
  progress('S3 is ready');
}

function get(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { timeout: 1_000, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('timeout', () => call.destroy(new Error(`GET ${url} took longer than 1 s`)));
    call.on('error', reject);
    call.end();
  });
}

await answerOrder((order, progress) => boot(order as BootOrder, progress));
