// What can a user read of claims, their pods and their mount pods?
import { COMPONENT_LABEL, COMPONENTS, MOUNT_NAMESPACE, POD_ANNOTATIONS } from '../api/names.ts';
import { buildClaimDetail } from '../console/model/detail.ts';
import type { ClaimDetail } from '../console/model/views.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { namespacedPath } from '../watch/kubernetes-requests.ts';
import { projectPod } from '../watch/projections.ts';
import type { ClaimObject } from './claims.ts';
import type { CliContext } from './context.ts';
import { explainFailure } from './failures.ts';
import { listObjects } from './list-objects.ts';

export interface DetailsAnswer {
  details: ClaimDetail[];
  /** Why something is missing in them; a sentence each, without its full stop. */
  gaps: string[];
}

type Context = Pick<CliContext, 'kubernetes' | 'signal'>;

/** Details of claims, as far as the user's rights go: who may not list pods still sees what the status tells. */
export async function readDetails(
  context: Context,
  claims: readonly ClaimObject[],
): Promise<DetailsAnswer> {
  const gaps: string[] = [];
  const list = (what: string, namespace: string, labels = ''): Promise<RawPod[]> =>
    listPods(context, namespace, labels).catch((error: unknown) => {
      context.signal.throwIfAborted();
      gaps.push(`${what} are not shown: ${explainFailure(error, 'the API server').message}`);
      return [];
    });
  const mountPods =
    claims.length === 0
      ? []
      : await list('Mount pods', MOUNT_NAMESPACE, `${COMPONENT_LABEL}=${COMPONENTS.mountPod}`);
  const pods = new Map<string, PodView[]>();
  for (const namespace of new Set(claims.map(({ metadata }) => metadata.namespace))) {
    // Which mount pods serve a claim is found through the pods that it matches.
    const found = mountPods.length === 0 ? [] : await list('Mount pods', namespace);
    pods.set(namespace, found.map(projectPod));
  }
  const details = claims.map((claim) =>
    buildClaimDetail({
      claim,
      pods: pods.get(claim.metadata.namespace) ?? [],
      mountPods: mountPods.filter((pod) => mayServe(pod, claim)).map(projectPod),
    }),
  );
  return { details, gaps };
}

interface RawPod {
  metadata: { annotations?: Record<string, string> };
}

async function listPods(
  { kubernetes, signal }: Context,
  namespace: string,
  labelSelector: string,
): Promise<RawPod[]> {
  const path = namespacedPath('/api/v1', 'pods', { namespace });
  const query = labelSelector === '' ? {} : { labelSelector };
  return (await listObjects<RawPod>(kubernetes(), path, query, signal)).items;
}

/** Claims of several classes may select one pod: each has a mount pod of its own class. */
function mayServe({ metadata }: RawPod, { status }: ClaimObject): boolean {
  const classNames = status?.storageProviderClassName?.split(',');
  const className = metadata.annotations?.[POD_ANNOTATIONS.className];
  return classNames === undefined || className === undefined || classNames.includes(className);
}
