// How does a test evict a pod, or have the kubelet seem to?
import { connectKubernetes } from '../../watch/kubernetes-connection.ts';
import { KubernetesError } from '../../watch/kubernetes-error.ts';
import { loadKubeConfig } from '../../watch/kubernetes.ts';
import type { AnyObject } from './kube.ts';

const connection = connectKubernetes(loadKubeConfig());

function podPath({ metadata }: AnyObject, subresource: string): string {
  return `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}/${subresource}`;
}

/** Asks for an eviction, as `kubectl drain` does: why it is refused, or undefined. */
export async function evict(pod: AnyObject): Promise<KubernetesError | undefined> {
  const { name, namespace } = pod.metadata ?? {};
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  try {
    await connection.send({ method: 'POST', path: podPath(pod, 'eviction'), body });
    return undefined;
  } catch (error) {
    if (error instanceof KubernetesError) return error;
    throw error;
  }
}

/** Sets the status that the kubelet gives to a pod which it evicts for want of a resource. */
export async function failAsEvicted(pod: AnyObject): Promise<void> {
  const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource' };
  const path = podPath(pod, 'status');
  await connection.send({ method: 'PATCH', patch: 'merge', path, body: { status } });
}
