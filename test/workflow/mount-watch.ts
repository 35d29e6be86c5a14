// Which step of a claim's way has broken what must hold at every moment?
import { MOUNT_POD_LABELS } from '../../api/names.ts';
import type { Scene } from './lab.ts';

/**
 * Notes, at each effect on the scene, whether a pod that had the storage has lost it though the claim is there,
 * and whether a sharing key has two mount pods.
 */
export function watchMounts(scene: Scene): string[] {
  const { cluster, agents } = scene;
  const broken: string[] = [];
  const served = new Set<string>();
  const { createPod } = cluster.kubernetes;
  const attach = agents.attach.bind(agents);
  const detach = agents.detach.bind(agents);

  const check = (): void => {
    const isKept = [...cluster.claims.values()].some((claim) => !claim.metadata.deletionTimestamp);
    const lost = [...served].filter((path) => isKept && !agents.mounts.has(path));
    broken.push(...lost.map((path) => `${path} lost its storage`));
    for (const path of agents.mounts.keys()) served.add(path);
    broken.push(...listDoubled(scene).map((key) => `${key} has two mount pods`));
  };

  cluster.kubernetes.createPod = (pod) => createPod(pod).finally(check);
  agents.attach = (...call) => attach(...call).finally(check);
  agents.detach = (...call) => detach(...call).finally(check);
  return broken;
}

function listDoubled({ cluster }: Scene): string[] {
  const staying = cluster.mountPods().filter((pod) => !pod.terminating);
  const bySharingKey = Map.groupBy(staying, (pod) => pod.labels[MOUNT_POD_LABELS.sharingKey] ?? '');
  return [...bySharingKey].filter(([, pods]) => pods.length > 1).map(([key]) => key);
}
