// Which pods does a claim match, and which source shall each of them see?
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../api/names.ts';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import { matchesSelector } from '../watch/selector.ts';
import type { ObservedPod, PodState } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { isCompleted, listServing } from './mount-pods.ts';
import type { ResolvedClass } from './resolve-class.ts';
import { buildSharingKey, buildSourceKey } from './sharing-key.ts';

/** Matching pods. One that has mounts and seems to match no more is looked up at the API server. */
export async function listClaimPods(
  { view, kubernetes }: Pick<Dependencies, 'view' | 'kubernetes'>,
  claim: DynamicVolumeClaim,
  tracked: { uid: string; name: string }[],
): Promise<PodView[]> {
  const { namespace } = claim.metadata;
  const matches = (pod: PodView) => matchesSelector(claim.spec.selector, pod.labels);
  const pods = view.podsIn(namespace).filter(matches);
  const known = new Set(pods.map((pod) => pod.uid));
  const doubtful = tracked.filter((pod) => !known.has(pod.uid));
  const live = await Promise.all(
    doubtful.map(async ({ uid, name }) => {
      const pod = await kubernetes.getPod(namespace, name);
      return pod?.uid === uid && matches(pod) ? [pod] : [];
    }),
  );
  return [...pods, ...live.flat()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface PodContext {
  claim: DynamicVolumeClaim;
  pod: PodView;
  classes: Map<string, ResolvedClass>;
  /** Name the sources that a former workflow may have left. */
  findLeft: boolean;
}

/** Builds what the plan needs of one pod. */
export function observePod(view: ClusterView, context: PodContext): ObservedPod {
  const { pod, claim } = context;
  const className = claim.spec.storageProviderClassName ?? pod.volumeRoot?.className;
  const observed: ObservedPod = {
    uid: pod.uid,
    name: pod.name,
    state: classifyPod(pod),
    ...(pod.nodeName ? { node: pod.nodeName } : {}),
    ...(pod.startProblem
      ? { startProblem: `${pod.startProblem.reason}: ${pod.startProblem.message}` }
      : {}),
  };
  if (!pod.volumeRoot || className === undefined) return observed;
  return { ...observed, className, ...observeSource(view, context, className) };
}

function classifyPod(pod: PodView): PodState {
  if (isCompleted(pod)) return 'completed';
  if (pod.terminating) return 'terminating';
  if (!pod.volumeRoot) return 'notInjected';
  return pod.sandboxReady && pod.nodeName ? 'ready' : 'pending';
}

function observeSource(
  view: ClusterView,
  { claim, pod, classes, findLeft }: PodContext,
  className: string,
): Pick<ObservedPod, 'sourceKey' | 'mountPods' | 'leftSourceKeys' | 'failure'> {
  const { bucket, endpoint } = claim.spec.s3Config;
  const left = (own: string[]) =>
    findLeft ? { leftSourceKeys: listLeftSourceKeys(view, pod, bucket, own) } : {};
  const cls = classes.get(className);
  if (!cls || 'failure' in cls) return { ...(cls ? { failure: cls.failure } : {}), ...left([]) };
  const sharingKey = buildSharingKey({
    namespace: pod.namespace,
    className,
    endpoint,
    parameters: cls.parameters,
    dispatchPolicy: pod.volumeRoot?.dispatchPolicy ?? '',
    podUid: pod.uid,
  });
  const sourceKey = buildSourceKey(sharingKey, bucket);
  return {
    sourceKey,
    mountPods: listServing(view.mountPods(sharingKey)),
    ...left([sourceKey]),
  };
}

/** A former workflow may have used another class or other parameters: its mount pods tell. */
function listLeftSourceKeys(
  view: ClusterView,
  pod: PodView,
  bucket: string,
  own: string[],
): string[] {
  const others = view
    .podsIn(MOUNT_NAMESPACE)
    .filter((mountPod) => mountPod.labels[MOUNT_POD_LABELS.workloadPodUid] === pod.uid)
    .flatMap((mountPod) => mountPod.labels[MOUNT_POD_LABELS.sharingKey] ?? [])
    .map((sharingKey) => buildSourceKey(sharingKey, bucket));
  return [...new Set([...others.filter((key) => !own.includes(key)), ...own])];
}
