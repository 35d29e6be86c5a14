// What does the console answer about claims?
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { buildWorkflowId, MOUNT_NAMESPACE } from '../../api/names.ts';
import type { ClusterView, PodView } from '../../watch/cluster-view.ts';
import { buildClaimDetail } from '../model/detail.ts';
import { isFor, listClaimPods } from '../model/mount-pods.ts';
import { buildClaimSummary } from '../model/summary.ts';
import { buildTimeline, readRunStatus } from '../model/timeline.ts';
import type { ClaimDetail, ClaimsAnswer, MountsAnswer, Timeline } from '../model/views.ts';
import { ConsoleRefusal } from './refusal.ts';
import { chooseNamespaces } from './viewer.ts';
import type { Viewer } from './viewer.ts';
import { share } from './workflow-reader.ts';
import type { WorkflowReader } from './workflow-reader.ts';

export interface ClaimAnswersOptions {
  view: Pick<ClusterView, 'claim' | 'claims' | 'claimsIn' | 'podsIn'>;
  workflows: WorkflowReader;
  /** Asks the nodes what their mounts have done; of some namespaces, or of all. */
  readMounts(namespaces?: ReadonlySet<string>): Promise<MountsAnswer>;
  /** May a mount pod that is for a pod of the claim serve this claim, and not only another one of that pod? */
  mayServe(claim: DynamicVolumeClaim, mountPod: PodView): boolean;
}

export interface ClaimRef {
  namespace: string;
  name: string;
}

/** Answers of the API. All throw {@link ConsoleRefusal}: 403 the viewer may not see it, 404 there is no such claim. */
export interface ClaimAnswers {
  listClaims(viewer: Viewer, namespace: string | undefined): Promise<ClaimsAnswer>;
  readClaim(viewer: Viewer, claim: ClaimRef): Promise<ClaimDetail>;
  readTimeline(viewer: Viewer, claim: ClaimRef): Promise<Timeline>;
  readMounts(viewer: Viewer, namespace: string | undefined): Promise<MountsAnswer>;
}

export function createClaimAnswers(options: ClaimAnswersOptions): ClaimAnswers {
  const { view, workflows } = options;
  const readingMounts = new Map<string, Promise<MountsAnswer>>();

  const choose = (viewer: Viewer, namespace: string | undefined): Promise<Set<string>> => {
    const names = view.claims().map(({ metadata }) => metadata.namespace);
    return chooseNamespaces(viewer, namespace, [...new Set(names)]);
  };

  const find = async (viewer: Viewer, { namespace, name }: ClaimRef) => {
    if (!(await viewer.mayGet(namespace))) {
      throw new ConsoleRefusal(
        403,
        `You may not get dynamicvolumeclaims in namespace "${namespace}"`,
      );
    }
    const claim = view.claim(namespace, name);
    if (claim !== undefined) return claim;
    throw new ConsoleRefusal(404, `There is no claim "${name}" in namespace "${namespace}"`);
  };

  return {
    async listClaims(viewer, namespace) {
      const seen = await choose(viewer, namespace);
      const claims = view.claims().filter(({ metadata }) => seen.has(metadata.namespace));
      return { claims: claims.sort(compareClaims).map(buildClaimSummary) };
    },
    async readClaim(viewer, ref) {
      const { metadata } = await find(viewer, ref);
      const explanation = await workflows.explain(buildWorkflowId(metadata));
      // What has changed meanwhile is shown as it is now.
      const claim = await find(viewer, ref);
      return buildClaimDetail({
        claim,
        pods: view.podsIn(ref.namespace),
        mountPods: listMountPods(claim, options),
        ...(explanation === undefined ? {} : { explanation }),
      });
    },
    async readTimeline(viewer, ref) {
      const { metadata, status } = await find(viewer, ref);
      const workflowId = buildWorkflowId(metadata);
      const history = await workflows.readHistory(workflowId);
      const url = status?.workflow?.url;
      return {
        workflowId,
        ...(url === undefined ? {} : { url }),
        status: readRunStatus(history),
        entries: buildTimeline(history),
      };
    },
    async readMounts(viewer, namespace) {
      const seen = await choose(viewer, namespace);
      const isForAll = namespace === undefined && (await viewer.mayListAll());
      const { mounts, unreachableNodes } = await share(
        readingMounts,
        isForAll ? '' : [...seen].sort().join(),
        () => options.readMounts(isForAll ? undefined : seen),
      );
      return { mounts: mounts.filter((mount) => seen.has(mount.namespace)), unreachableNodes };
    },
  };
}

/** One that ends is told of, whatever it serves: nobody may want it any more. */
function listMountPods(
  claim: DynamicVolumeClaim,
  { view, mayServe }: Pick<ClaimAnswersOptions, 'view' | 'mayServe'>,
): PodView[] {
  const pods = listClaimPods(claim, view.podsIn(claim.metadata.namespace));
  return view
    .podsIn(MOUNT_NAMESPACE)
    .filter((mountPod) => pods.some((pod) => isFor(mountPod, pod)))
    .filter((pod) => pod.terminating || mayServe(claim, pod));
}

function compareClaims({ metadata: one }: DynamicVolumeClaim, other: DynamicVolumeClaim): number {
  const { namespace, name } = other.metadata;
  if (one.namespace !== namespace) return one.namespace < namespace ? -1 : 1;
  return one.name < name ? -1 : 1;
}
