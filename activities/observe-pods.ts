// Which pods does a claim match, and which source shall each of them see?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { matchesPod } from '../watch/claim-match.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import { isCompleted } from '../watch/pod-state.ts';
import type { Failure, ObservedPod, PodState, S3Place } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { listServing } from './mount-pods.ts';
import type { ResolvedClass } from './resolve-class.ts';
import { buildPodScope, buildSharingKey, buildSourceKey } from './sharing-key.ts';

/** Matching pods. One that has mounts and seems to match no more is looked up at the API server. */
export async function listClaimPods(
  { view, kubernetes }: Pick<Dependencies, 'view' | 'kubernetes'>,
  claim: DynamicVolumeClaim,
  tracked: { uid: string; name: string }[],
): Promise<PodView[]> {
  const { namespace } = claim.metadata;
  const pods = view.podsIn(namespace).filter((pod) => matchesPod(claim, pod));
  const known = new Set(pods.map((pod) => pod.uid));
  const doubtful = tracked.filter((pod) => !known.has(pod.uid));
  const live = await Promise.all(
    doubtful.map(async ({ uid, name }) => {
      const pod = await kubernetes.getPod(namespace, name);
      return pod?.uid === uid && matchesPod(claim, pod) ? [pod] : [];
    }),
  );
  return [...pods, ...live.flat()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface PodContext {
  claim: DynamicVolumeClaim;
  pod: PodView;
  place: S3Place;
  remounts: number;
  classes: Map<string, ResolvedClass>;
  /** An older claim has the mountpoint of this pod. */
  conflict: Failure | undefined;
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

/** How far a pod is: can storage be attached to it? */
export function classifyPod(pod: PodView): PodState {
  if (isCompleted(pod)) return 'completed';
  if (pod.terminating) return 'terminating';
  if (!pod.volumeRoot) return 'notInjected';
  return pod.sandboxReady && pod.nodeName ? 'ready' : 'pending';
}

function observeSource(
  view: ClusterView,
  context: PodContext,
  className: string,
): Pick<ObservedPod, 'sourceKey' | 'mountPods' | 'failure'> {
  if (context.conflict) return { failure: context.conflict };
  const cls = context.classes.get(className);
  if (!cls || 'failure' in cls) return cls ? { failure: cls.failure } : {};
  const { parameters } = cls;
  const { endpoint } = context.place;
  const scope = buildPodScope(context.pod, { className, endpoint, parameters });
  const sharingKey = buildSharingKey(scope);
  return {
    sourceKey: buildSourceKey(sharingKey, {
      place: context.place,
      secret: parameters.secret,
      secretVersion: cls.secretVersion,
      remounts: context.remounts,
    }),
    mountPods: listServing(view.mountPods(sharingKey)),
  };
}
