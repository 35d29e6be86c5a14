// Why does a mount pod not run?
import { MOUNT_NAMESPACE } from '../api/names.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import { isCompleted } from '../watch/pod-state.ts';

/** One sentence with the pod's name and what Kubernetes says of it, or undefined when it says nothing. */
export function describeStartProblem(
  view: Pick<ClusterView, 'podsIn'>,
  mountPod: Pick<PodView, 'uid'>,
): string | undefined {
  const pod = view.podsIn(MOUNT_NAMESPACE).find((one) => one.uid === mountPod.uid);
  if (!pod?.startProblem) return undefined;
  const { reason, message } = pod.startProblem;
  const what = isCompleted(pod) ? 'has ended' : 'does not start';
  return `Mount pod ${pod.namespace}/${pod.name} ${what}: ${reason}: ${message}`;
}
