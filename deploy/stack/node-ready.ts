// When are a node's containerd, its Services and the node itself ready?
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { addresses } from './addresses.ts';
import type { KubeApi } from './kube-api.ts';
import type { StackNode } from './nodes.ts';
import { stackPaths } from './stack-paths.ts';
import { waitUntil } from './wait-until.ts';

/** No single step of a boot takes longer. */
export const bootTimeoutMs = 60_000;

/** Waits for the containerd of the node that the caller runs on. */
export async function waitForContainerd(): Promise<void> {
  await waitUntil('containerd answers', () => answers(stackPaths.containerdSocket), bootTimeoutMs);
}

/** Waits until the API server knows the node as ready. */
export async function waitForNode(api: KubeApi, node: StackNode): Promise<void> {
  const isReady = async () => {
    const { body } = await api.call('GET', `/api/v1/nodes/${node.name}`);
    const status = body?.['status'] as { conditions?: { type: string; status: string }[] };
    return status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  };
  await waitUntil(`${node.name} is ready`, isReady, bootTimeoutMs);
}

/** Waits until the caller's node reaches DNS at its Service address, so kube-proxy's rules are proven too. */
export async function waitForNames(): Promise<void> {
  const answersName = async () => {
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([addresses.dnsService]);
    const found = await resolver.resolve4('kubernetes.default.svc.cluster.local');
    return found.includes(addresses.kubernetesService);
  };
  await waitUntil('DNS answers at its Service', answersName, bootTimeoutMs);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
