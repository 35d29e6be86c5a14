// How do the stack's processes come up, once its namespaces exist? Runs inside them, started by `up`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuiltImage } from '../images/built-image.ts';
import { ensureImported } from '../images/import-images.ts';
import { addresses, ports, temporalNamespace } from './addresses.ts';
import { createBootstrapObjects } from './bootstrap-objects.ts';
import { buildComponents } from './components/all.ts';
import type { Component } from './components/component.ts';
import { joinControlGroup } from './control-groups.ts';
import { openKubeApi, type KubeApi } from './kube-api.ts';
import { startNetwork } from './network.ts';
import { isAlive, observeProcess, type ProcessIdentity } from './processes.ts';
import type { Progress } from './progress.ts';
import { createSampleBuckets } from './sample-buckets.ts';
import { run, startDetached } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { waitUntil } from './wait-until.ts';

/** What `up` passes on the command line, as JSON. */
export type BootOrder = { sandboxImage: string; images: BuiltImage[] };

const timeoutMs = 60_000;

/** Boots everything and gives the processes by component name. */
async function boot(order: BootOrder): Promise<Record<string, ProcessIdentity>> {
  const progress: Progress = (line) => process.stderr.write(`${line}\n`);
  joinControlGroup(0);
  await startNetwork();
  const { first, second } = buildComponents(order.sandboxImage);
  const processes = first.map(startComponent);
  const api = openKubeApi();
  const ready = Promise.all([
    bootCluster(api, order, progress, () => processes.push(...second.map(startComponent))),
    waitForTemporal(progress),
    bootS3(progress),
  ]);
  const watch = new AbortController();
  await Promise.race([ready, failWhenOneEnds(processes, watch.signal)]);
  watch.abort();
  api.close();
  return Object.fromEntries(processes);
}

/** Nothing that has ended comes back: saying so at once beats waiting for the time-out. */
async function failWhenOneEnds(
  processes: readonly [string, ProcessIdentity][],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const ended = processes.find(([, identity]) => !isAlive(identity));
    if (ended !== undefined) {
      const log = readFileSync(logPath(ended[0]), 'utf8').trim().split('\n').slice(-5).join('\n');
      throw new Error(`${ended[0]} ended while booting:\n${log}`);
    }
    await sleep(200, undefined, { ref: false });
  }
}

function logPath(name: string): string {
  return `${stackPaths.logs}/${name}.log`;
}

/** Writes a component's files and starts it, its output in a log of its name. */
function startComponent(component: Component): [string, ProcessIdentity] {
  for (const folder of component.folders ?? []) mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(component.files ?? {})) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o600 });
  }
  const child = startDetached(component.argv, {
    logFile: logPath(component.name),
    ...(component.env === undefined ? {} : { env: component.env }),
  });
  const identity = child.pid === undefined ? undefined : observeProcess(child.pid);
  if (identity === undefined) throw new Error(`${component.argv[0]} could not be started`);
  child.unref();
  return [component.name, identity];
}

async function bootCluster(
  api: KubeApi,
  order: BootOrder,
  progress: Progress,
  startSecond: () => void,
): Promise<void> {
  await Promise.all([importImages(order, progress), waitForApi(api, progress)]);
  startSecond();
  await createBootstrapObjects(api);
  await Promise.all([waitForNode(api, progress), waitForNames(progress)]);
}

async function importImages(order: BootOrder, progress: Progress): Promise<void> {
  await waitUntil('containerd answers', () => answers(stackPaths.containerdSocket), timeoutMs);
  const env = { PATH: `${stackPaths.bin}:/usr/sbin:/usr/bin:/sbin:/bin` };
  await ensureImported(order.images, (argv) => run(argv, { env }));
  progress('containerd is ready');
}

async function waitForApi(api: KubeApi, progress: Progress): Promise<void> {
  const isReady = async () => (await api.call('GET', '/readyz')).status === 200;
  await waitUntil('the API server is ready', isReady, timeoutMs);
  progress('API server is ready');
}

async function waitForNode(api: KubeApi, progress: Progress): Promise<void> {
  const isReady = async () => {
    const { body } = await api.call('GET', `/api/v1/nodes/${addresses.nodeName}`);
    const status = body?.['status'] as { conditions?: { type: string; status: string }[] };
    return status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  };
  await waitUntil('the node is ready', isReady, timeoutMs);
  // Pods are refused until the controller manager has made the namespace's account.
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  const hasAccount = async () => (await api.call('GET', path)).status === 200;
  await waitUntil('the default service account exists', hasAccount, timeoutMs);
  progress('node is ready');
}

/** DNS is asked at its Service address, so kube-proxy's rules are proven too. */
async function waitForNames(progress: Progress): Promise<void> {
  const answersName = async () => {
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([addresses.dnsService]);
    const found = await resolver.resolve4('kubernetes.default.svc.cluster.local');
    return found.includes(addresses.kubernetesService);
  };
  await waitUntil('DNS answers at its Service', answersName, timeoutMs);
  progress('DNS and Services answer');
}

async function waitForTemporal(progress: Progress): Promise<void> {
  const url = `http://${addresses.node}:${ports.temporalUi}/api/v1/namespaces/${temporalNamespace}`;
  await waitUntil('Temporal serves its namespace', async () => (await get(url)) === 200, timeoutMs);
  progress('Temporal is ready');
}

async function bootS3(progress: Progress): Promise<void> {
  const url = `http://${addresses.s3Plain}:${ports.s3Plain}/health`;
  await waitUntil('S3 answers', async () => (await get(url)) === 200, timeoutMs);
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

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

const order = JSON.parse(process.argv[2] ?? '{}') as BootOrder;
try {
  process.stdout.write(JSON.stringify(await boot(order)));
} catch (error) {
  const { message, cause } = error as Error;
  process.stderr.write(`${message}${cause instanceof Error ? `: ${cause.message}` : ''}\n`);
  process.exit(1);
}
