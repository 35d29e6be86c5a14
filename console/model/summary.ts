// What does a row of the list say of a claim? (pure)
import type { Condition, REASONS } from '../../api/conditions.ts';
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import type { ClaimPhase, ClaimSummary } from './views.ts';

// api/conditions.ts needs zod at run time, which is more than the whole page may weigh: only its types are used.
type Reason = (typeof REASONS)[keyof typeof REASONS];

/** Reasons for not being ready that are no failures. */
const CALM: Partial<Record<string, ClaimPhase>> = {
  NoMatchingPods: 'Waiting',
  Attaching: 'Reconciling',
  Detaching: 'Reconciling',
  PodStarting: 'Reconciling',
} satisfies Partial<Record<Reason, ClaimPhase>>;

/** Builds a row from the claim's object, as the API server or a cache has it. */
export function buildClaimSummary(claim: DynamicVolumeClaim): ClaimSummary {
  const { metadata, spec, status = {} } = claim;
  const ready = findCondition(claim, 'Ready');
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    provider: status.provider ?? spec.storageProvider ?? 's3',
    storage: nameStorage(claim),
    endpoint: spec.s3Config.endpoint,
    className: status.storageProviderClassName ?? spec.storageProviderClassName ?? '',
    mountpoint: `/${spec.mountpoint.replace(/^\/+/, '')}`,
    readOnly: spec.readOnly ?? false,
    phase: findPhase(claim),
    reason: ready?.reason ?? '',
    message: ready?.message ?? '',
    matched: status.matched ?? 0,
    attached: status.attached ?? 0,
    failed: status.failed ?? 0,
    notInjected: status.notInjected ?? 0,
    createdAt: metadata.creationTimestamp,
    ...nameWorkflow(claim),
  };
}

/** A status that is about an older generation says nothing of the claim as it is now. */
export function findPhase(claim: DynamicVolumeClaim): ClaimPhase {
  const { metadata, status } = claim;
  if (metadata.deletionTimestamp !== undefined) return 'Deleting';
  const ready = findCondition(claim, 'Ready');
  const isNewer = metadata.generation > (status?.observedGeneration ?? metadata.generation);
  if (ready === undefined || isNewer) return 'Reconciling';
  if (ready.status === 'True') return 'Ready';
  const isLeaving = findCondition(claim, 'Reconciling')?.status === 'True';
  if (ready.reason === ('Detached' satisfies Reason)) return isLeaving ? 'Reconciling' : 'Waiting';
  return CALM[ready.reason] ?? 'Failed';
}

/** A condition of the claim's status. */
export function findCondition(
  { status }: DynamicVolumeClaim,
  type: Condition['type'],
): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

function nameWorkflow({ status }: DynamicVolumeClaim): Pick<ClaimSummary, 'workflow'> {
  if (status?.workflow === undefined) return {};
  const { id, url } = status.workflow;
  return { workflow: { id, ...(url === undefined ? {} : { url }) } };
}

function nameStorage({ spec }: DynamicVolumeClaim): string {
  const { bucket, prefix = '' } = spec.s3Config;
  const folder = prefix.replace(/^\/+|\/+$/g, '');
  return folder === '' ? bucket : `${bucket}/${folder}`;
}
