// How is the status of a claim written?
import { buildWorkflowId } from '../api/names.ts';
import type { Condition } from '../api/conditions.ts';
import type { DynamicVolumeClaimStatus } from '../api/dynamic-volume-claim.ts';
import { isNotFound } from '../watch/kubernetes-error.ts';
import type { ClaimIdentity, ClaimStatusDraft, ConditionDraft } from './contract.ts';
import type { ActivitySettings, Dependencies } from './dependencies.ts';

/**
 * Replaces the status of a claim; one that is gone, or whose name another claim has by now, is success.
 *
 * @throws KubernetesError the API server refuses or is away
 */
export async function writeClaimStatus(
  { view, kubernetes, settings }: Pick<Dependencies, 'view' | 'kubernetes' | 'settings'>,
  claim: ClaimIdentity,
  draft: ClaimStatusDraft,
): Promise<void> {
  const { namespace, name, uid } = claim;
  const cached = view.claim(namespace, name);
  const former = cached?.metadata.uid === uid ? (cached.status?.conditions ?? []) : [];
  const status: DynamicVolumeClaimStatus = {
    ...draft,
    conditions: buildConditions(draft.conditions, former, new Date()),
    workflow: buildWorkflowLink(claim, settings),
  };
  try {
    await kubernetes.patchClaimStatus({ namespace, name, uid }, status);
  } catch (error) {
    if (isNotFound(error)) return;
    const live = await kubernetes.getClaim(namespace, name);
    if (live?.metadata.uid === uid) throw error;
  }
}

/** A condition keeps its time of transition for as long as its status stays (`metav1.Condition`). */
export function buildConditions(
  drafts: ConditionDraft[],
  former: Condition[],
  now: Date,
): Condition[] {
  const nowText = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return drafts.map((draft) => {
    const same = former.find((one) => one.type === draft.type && one.status === draft.status);
    return { ...draft, lastTransitionTime: same?.lastTransitionTime ?? nowText };
  });
}

function buildWorkflowLink(
  claim: ClaimIdentity,
  { temporalUiUrl, temporalNamespace }: ActivitySettings,
): { id: string; url?: string } {
  const id = buildWorkflowId(claim);
  if (!temporalUiUrl) return { id };
  const base = temporalUiUrl.replace(/\/+$/, '');
  return {
    id,
    url: `${base}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${encodeURIComponent(id)}`,
  };
}
