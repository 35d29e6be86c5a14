// What can a user read of claims, their pods and their mount pods?
import { COMPONENT_LABEL, COMPONENTS, MOUNT_NAMESPACE, POD_ANNOTATIONS } from '../api/names.ts';
import { buildClaimDetail } from '../console/model/detail.ts';
import { buildClaimPath } from '../console/model/views.ts';
import type { ClaimDetail } from '../console/model/views.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { namespacedPath } from '../watch/kubernetes-requests.ts';
import { projectPod } from '../watch/projections.ts';
import type { ClaimObject } from './claims.ts';
import type { CliContext } from './context.ts';
import { explainFailure } from './failures.ts';
import { mapInParallel } from './in-parallel.ts';
import { listObjects } from './list-objects.ts';

export interface DetailsAnswer {
  details: ClaimDetail[];
  /** Why something is missing in them; a sentence each, without its full stop. */
  gaps: string[];
}

type Context = Pick<CliContext, 'kubernetes' | 'signal'>;

type NamespacePods = [namespace: string, pods: PodView[]];

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
  // Which mount pods serve a claim is found through the pods that it matches.
  const namespaces = mountPods.length === 0 ? [] : claims.map(({ metadata }) => metadata.namespace);
  const pods = new Map(
    await mapInParallel([...new Set(namespaces)], async (namespace): Promise<NamespacePods> => {
      return [namespace, (await list('Mount pods', namespace)).map(projectPod)];
    }),
  );
  const details = claims.map((claim) =>
    buildClaimDetail({
      claim,
      pods: pods.get(claim.metadata.namespace) ?? [],
      mountPods: mountPods.filter((pod) => mayServe(pod, claim)).map(projectPod),
    }),
  );
  return { details, gaps };
}

/** As {@link readDetails}; mount pods that the user may not see are told by the console, if it can be reached. */
export async function findDetails(
  context: CliContext,
  claims: readonly ClaimObject[],
): Promise<DetailsAnswer> {
  const { details, gaps } = await readDetails(context, claims);
  if (gaps.length === 0) return { details, gaps };
  try {
    return { details: await mapInParallel(details, (own) => addMountPods(context, own)), gaps: [] };
  } catch (error) {
    context.signal.throwIfAborted();
    const { message } = explainFailure(error, 'the console');
    // Who gives its address wants to know; for all others it was a try.
    const other =
      context.flags.console === undefined ? [] : [`Nor does the console tell of them: ${message}`];
    return { details, gaps: [...gaps, ...other] };
  }
}

async function addMountPods(context: CliContext, own: ClaimDetail): Promise<ClaimDetail> {
  const { mountPods } = await readFromConsole(context, own);
  return { ...own, mountPods };
}

/** @throws CliError the console cannot be reached, or does not tell of the claim */
export async function readFromConsole(
  context: Pick<CliContext, 'console'>,
  { namespace, name }: Pick<ClaimDetail, 'namespace' | 'name'>,
): Promise<ClaimDetail> {
  const console = await context.console();
  return console.get<ClaimDetail>(buildClaimPath(namespace, name));
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
