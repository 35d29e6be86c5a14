// Which classes want warm mount pods, and on which nodes?
import { parseClassParameters } from '../api/storage-provider-class.ts';
import type { ClassParameters, StorageProviderClass } from '../api/storage-provider-class.ts';
import type { ActivitySettings } from '../activities/dependencies.ts';
import { buildWarmNamePrefix } from '../activities/mount-pod-spec.ts';
import type { ClusterView } from '../watch/cluster-view.ts';
import { isStaying } from '../watch/pod-state.ts';
import type { Pool } from './warm-pool-plan.ts';

/** One pool for each class that keeps warm mount pods and each node with an injected pod of it. */
export function observePools(
  view: Pick<ClusterView, 'storageProviderClasses' | 'pods'>,
  settings: Pick<ActivitySettings, 'mountPodImage'>,
): Pool[] {
  const wanting = view.storageProviderClasses().flatMap((cls) => {
    const parameters = readParameters(cls);
    return parameters && parameters.warmMountPods > 0 ? [{ cls, parameters }] : [];
  });
  if (wanting.length === 0) return [];
  const nodesOf = groupNodes(view);
  return wanting.flatMap(({ cls, parameters }) => {
    const { name } = cls.metadata;
    const nodes = [...(nodesOf.get(name) ?? [])].sort();
    return nodes.map((node) => {
      const place = { provider: cls.spec.provider, node, className: name, parameters };
      const namePrefix = buildWarmNamePrefix(place, settings);
      return { place, namePrefix, size: parameters.warmMountPods };
    });
  });
}

/** A class that cannot be used, or is to go, keeps no mount pods. */
function readParameters(cls: StorageProviderClass): ClassParameters | undefined {
  if (cls.metadata.deletionTimestamp !== undefined) return undefined;
  try {
    return parseClassParameters(cls);
  } catch {
    return undefined;
  }
}

/** Nodes by name of the class with which a pod there was injected. */
function groupNodes(view: Pick<ClusterView, 'pods'>): Map<string, Set<string>> {
  const nodesOf = new Map<string, Set<string>>();
  for (const pod of view.pods()) {
    if (!pod.volumeRoot || pod.nodeName === undefined || !isStaying(pod)) continue;
    const { className } = pod.volumeRoot;
    nodesOf.set(className, (nodesOf.get(className) ?? new Set()).add(pod.nodeName));
  }
  return nodesOf;
}
