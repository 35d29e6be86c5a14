// How does a test take components of the stack away, and bring them back?
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { findHolder } from '../../deploy/stack/node-holder.ts';
import { stackPaths } from '../../deploy/stack/stack-paths.ts';
import { StackControl } from '../../deploy/stack/steer.ts';
import { waitUntil } from '../wait-until.ts';
import { list, type AnyObject } from './kube.ts';
import { NODES } from './node.ts';
import { run } from './programs.ts';

/** How long an outage lasts: a property of what is tested, not a time to wait for something. */
const OUTAGE_MS = Number(process.env['DYNVOL_OUTAGE_SECONDS'] ?? 30) * 1_000;

/** Milliseconds in which everything must serve again. */
const SERVES_MS = 120_000;

export const stack = new StackControl(findHolder);

/** Runs something while components are stopped. Afterwards everything serves again, whatever has happened. */
export async function without(names: string[], work: () => Promise<void>): Promise<void> {
  await whileStopped(names, work, waitServing);
}

async function whileStopped(
  names: string[],
  work: () => Promise<void>,
  waitAfterwards: () => Promise<void>,
): Promise<void> {
  try {
    for (const name of names) await stack.stop(name);
    await work();
  } finally {
    for (const name of names.toReversed()) await stack.start(name);
    await waitAfterwards();
  }
}

/** An outage of the usual length; `meanwhile` is a part of it. */
export async function outage(
  names: string[],
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  await without(names, async () => {
    await Promise.all([delay(OUTAGE_MS), meanwhile()]);
  });
}

/** Kills components and starts them again at once; waits until everything serves. */
export async function restart(...names: string[]): Promise<void> {
  for (const name of names) await stack.restart(name);
  await waitServing();
}

/** Waits until the API server and Temporal answer, every node is ready and its kubelet knows its pods. */
export async function waitServing(): Promise<void> {
  await waitApiServing();
  await waitUntil('Temporal answers', isTemporalServing, SERVES_MS);
  await waitUntil('every node is ready', areNodesReady, SERVES_MS);
  await waitUntil('every kubelet knows its pods', arePodsKnown, SERVES_MS);
}

async function waitApiServing(): Promise<void> {
  await waitUntil('the API server answers', isApiServing, SERVES_MS);
}

async function isApiServing(): Promise<boolean> {
  return (await run('kubectl', ['get', '--raw', '/readyz', '--request-timeout=5s'])).status === 0;
}

async function isTemporalServing(): Promise<boolean> {
  return (await run('temporal', ['workflow', 'count', '--command-timeout', '5s'])).status === 0;
}

async function areNodesReady(): Promise<boolean> {
  const nodes = await list('v1', 'Node');
  return nodes.every((node) =>
    node['status']?.conditions?.some(
      (condition: { type: string; status: string }) =>
        condition.type === 'Ready' && condition.status === 'True',
    ),
  );
}

/** A kubelet that has just begun refuses whatever concerns a pod it has not heard of; its node was ready before. */
async function arePodsKnown(): Promise<boolean> {
  const running = (await list('v1', 'Pod')).filter((pod) => pod['status']?.phase === 'Running');
  const known = await Promise.all(NODES.map(listPodsOfKubelet));
  const uids = new Set(known.flat());
  return running.every((pod) => uids.has(String(pod.metadata?.uid)));
}

/** The UIDs of the pods of which a kubelet knows; none while it does not answer. */
async function listPodsOfKubelet(node: string): Promise<string[]> {
  const { status, stdout } = await run('kubectl', [
    'get',
    '--raw',
    `/api/v1/nodes/${node}/proxy/pods`,
  ]);
  if (status !== 0) return [];
  const { items } = JSON.parse(stdout) as { items: AnyObject[] | null };
  return (items ?? []).map((pod) => String(pod.metadata?.uid));
}

/** A copy of the API server's whole database. */
export class EtcdCopy implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<EtcdCopy> {
    const folder = await mkdtemp(`${stackPaths.state}/etcd-copy-`);
    await without(['kube-apiserver', 'etcd'], async () => {
      await cp(stackPaths.etcd, folder, { recursive: true });
    });
    return new EtcdCopy(folder);
  }

  /** Brings it back, and starts the components anew that know a later state: as Kubernetes' documentation demands. */
  async restore(): Promise<void> {
    const bringBack = async () => {
      await rm(stackPaths.etcd, { recursive: true });
      await cp(this.#folder, stackPaths.etcd, { recursive: true });
    };
    // A kubelet that knows a later state never learns of the pods that are back: no use to wait for that.
    await whileStopped(['kube-apiserver', 'etcd'], bringBack, waitApiServing);
    await restart(...knowLaterState);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

const knowLaterState = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet-node1',
  'kubelet-node2',
];
