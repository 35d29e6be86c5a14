// How do the processes of a further node come up? Runs inside its namespaces, started by `up`.
import { BootProcesses } from './boot-processes.ts';
import { answerOrder } from './boot-program.ts';
import { buildNodeComponents } from './components/all.ts';
import { openKubeApi } from './kube-api.ts';
import { startNetwork } from './network.ts';
import { copyImages } from './node-images.ts';
import { waitForContainerd, waitForNames, waitForNode } from './node-ready.ts';
import type { StackNode } from './nodes.ts';
import type { Progress } from './progress.ts';
import type { ProcessesByName } from './state.ts';

/** What `up` orders. */
export type JoinOrder = { node: StackNode; sandboxImage: string };

/** Boots a node beside the first one, which is up. */
async function join(order: JoinOrder, progress: Progress): Promise<ProcessesByName> {
  await startNetwork(order.node);
  const components = buildNodeComponents(order.node, order.sandboxImage);
  const processes = new BootProcesses();
  processes.start(components.first);
  return processes.waitFor(
    joinCluster(order.node, progress, () => processes.start(components.second)),
  );
}

/** The kubelet is started once its images are there: nobody else has them, and it would ask a registry. */
async function joinCluster(
  node: StackNode,
  progress: Progress,
  startSecond: () => void,
): Promise<void> {
  await waitForContainerd();
  await copyImages(node);
  progress(`containerd of ${node.name} is ready`);
  startSecond();
  const api = openKubeApi();
  await Promise.all([waitForNode(api, node), waitForNames()]);
  api.close();
  progress(`${node.name} is ready`);
}

await answerOrder((order, progress) => join(order as JoinOrder, progress));
