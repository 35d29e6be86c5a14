// What do the API server and the caches know of a claim, its classes and its pods?
import { REASONS } from '../api/conditions.ts';
import type { DynamicVolumeClaim, S3Config } from '../api/dynamic-volume-claim.ts';
import { CLAIM_FINALIZER } from '../api/names.ts';
import { parseMountpoint } from '../api/paths.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
import { observeConflicts } from './conflicts.ts';
import type { Failure, Observation, ObserveRequest, S3Place } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { listClaimPods, observePod } from './observe-pods.ts';
import { listSeen, resolveClasses } from './resolve-class.ts';
import type { ResolvedClass } from './resolve-class.ts';
import { formatSelector } from './selector-text.ts';

type Reads = Pick<Dependencies, 'view' | 'kubernetes'>;

/** How often a lost race for the claim's finalizers is run again. */
const MAX_FINALIZER_TRIES = 5;

/**
 * Observes a claim, and makes sure of its finalizer before anything is mounted for it.
 *
 * The cache is not believed when it is older than what a signal told, nor when it lacks something:
 * absence is confirmed by the API server before anything is taken away.
 *
 * @throws KubernetesError the API server refuses or is away
 */
export async function observeClaim(deps: Reads, request: ObserveRequest): Promise<Observation> {
  await deps.view.synced;
  const found = await findClaim(deps, request);
  const held = found && (await ensureFinalizer(deps, found));
  if (!held) return { gone: true };
  const { claim, hadFinalizer } = held;
  const { spec } = claim;
  const { tracked, remounts } = request;
  const provider = spec.storageProvider ?? 's3';
  const place = buildPlace(spec.s3Config);
  const pods = await listClaimPods(deps, claim, tracked);
  const [classes, conflicts] = await Promise.all([
    resolveClasses(deps, listClassNames(claim, pods), {
      provider,
      namespace: claim.metadata.namespace,
      endpoint: place.endpoint,
      seen: request.seen,
    }),
    observeConflicts(deps, claim, pods, tracked),
  ]);
  const failure = findClaimFailure(claim, classes);
  return {
    gone: false,
    deleting: claim.metadata.deletionTimestamp !== undefined,
    generation: claim.metadata.generation,
    mountpoint: parseMountpoint(spec.mountpoint),
    readOnly: spec.readOnly ?? false,
    provider,
    s3: place,
    hadFinalizer,
    wasDetached: wasDetached(claim),
    seen: listSeen(classes),
    selector: formatSelector(spec.selector),
    ...(spec.storageProviderClassName ? { className: spec.storageProviderClassName } : {}),
    ...(failure ? { failure } : {}),
    classes: pickParameters(classes),
    pods: pods.map((pod) =>
      observePod(deps.view, {
        claim,
        pod,
        place,
        remounts,
        classes,
        conflict: conflicts.get(pod.uid),
      }),
    ),
  };
}

/** Slashes around a prefix mean nothing: `/team/data/` and `team/data` are the same folder. */
function buildPlace({ bucket, endpoint, prefix = '', region = '' }: S3Config): S3Place {
  return { bucket, endpoint, prefix: prefix.replace(/^\/+|\/+$/g, ''), region };
}

function listClassNames({ spec }: DynamicVolumeClaim, pods: PodView[]): string[] {
  return spec.storageProviderClassName === undefined
    ? pods.flatMap((pod) => pod.volumeRoot?.className ?? [])
    : [spec.storageProviderClassName];
}

/** What is wrong with the class that the claim names. Without its Secret the class still serves what is mounted. */
function findClaimFailure(
  { spec }: DynamicVolumeClaim,
  classes: Map<string, ResolvedClass>,
): Failure | undefined {
  const named = spec.storageProviderClassName && classes.get(spec.storageProviderClassName);
  if (!named || !('failure' in named)) return undefined;
  return named.failure.code === 'SECRET_MISSING' ? undefined : named.failure;
}

function wasDetached({ status }: DynamicVolumeClaim): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: holds, reason }) =>
      type === 'Ready' && holds === 'False' && reason === REASONS.detached,
  );
}

async function findClaim(
  { view, kubernetes }: Reads,
  { claim, generation, deleting }: ObserveRequest,
): Promise<DynamicVolumeClaim | undefined> {
  const cached = view.claim(claim.namespace, claim.name);
  const isFresh =
    cached?.metadata.uid === claim.uid &&
    cached.metadata.generation >= generation &&
    (!deleting || cached.metadata.deletionTimestamp !== undefined);
  const found = isFresh ? cached : await kubernetes.getClaim(claim.namespace, claim.name);
  return found?.metadata.uid === claim.uid ? found : undefined;
}

/** Undefined when the claim is gone. A claim that is being deleted cannot get a finalizer any more. */
async function ensureFinalizer(
  { kubernetes }: Reads,
  found: DynamicVolumeClaim,
): Promise<{ claim: DynamicVolumeClaim; hadFinalizer: boolean } | undefined> {
  let claim = found;
  for (let tries = 1; ; tries++) {
    const { namespace, name, uid, resourceVersion, finalizers = [] } = claim.metadata;
    if (finalizers.includes(CLAIM_FINALIZER)) return { claim, hadFinalizer: true };
    if (claim.metadata.deletionTimestamp !== undefined) return { claim, hadFinalizer: false };
    try {
      const held = { namespace, name, resourceVersion };
      claim = await kubernetes.patchClaimFinalizers(held, [...finalizers, CLAIM_FINALIZER]);
      return { claim, hadFinalizer: false };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error) || tries >= MAX_FINALIZER_TRIES) throw error;
    }
    const fresh = await kubernetes.getClaim(namespace, name);
    if (fresh?.metadata.uid !== uid) return undefined;
    claim = fresh;
  }
}

function pickParameters(classes: Map<string, ResolvedClass>): Record<string, ClassParameters> {
  const usable = [...classes].flatMap(([name, cls]): [string, ClassParameters][] =>
    'parameters' in cls ? [[name, cls.parameters]] : [],
  );
  return Object.fromEntries(usable);
}
