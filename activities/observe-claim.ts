// What do the API server and the caches know of a claim, its classes and its pods?
import { parseMountpoint } from '../api/paths.ts';
import { CLAIM_FINALIZER } from '../api/names.ts';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
import type { Observation, ObserveRequest } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { listClaimPods, observePod } from './observe-pods.ts';
import { resolveClass } from './resolve-class.ts';
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
  const provider = spec.storageProvider ?? 's3';
  const pods = await listClaimPods(deps, claim, request.tracked);
  const classes = await resolveClasses(deps, {
    provider,
    names: [
      ...(spec.storageProviderClassName === undefined ? [] : [spec.storageProviderClassName]),
      ...pods.flatMap((pod) => spec.storageProviderClassName ?? pod.volumeRoot?.className ?? []),
    ],
  });
  const named = spec.storageProviderClassName && classes.get(spec.storageProviderClassName);
  const findLeft = request.stateless && hadFinalizer;
  return {
    gone: false,
    deleting: claim.metadata.deletionTimestamp !== undefined,
    generation: claim.metadata.generation,
    mountpoint: parseMountpoint(spec.mountpoint),
    readOnly: spec.readOnly ?? false,
    provider,
    s3: { bucket: spec.s3Config.bucket, endpoint: spec.s3Config.endpoint },
    selector: formatSelector(spec.selector),
    ...(spec.storageProviderClassName ? { className: spec.storageProviderClassName } : {}),
    ...(named && 'failure' in named ? { failure: named.failure } : {}),
    classes: pickParameters(classes),
    pods: pods.map((pod) => observePod(deps.view, { claim, pod, classes, findLeft })),
  };
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

async function resolveClasses(
  deps: Reads,
  wanted: { names: string[]; provider: string },
): Promise<Map<string, ResolvedClass>> {
  const names = [...new Set(wanted.names)];
  const resolved = names.map(async (name): Promise<[string, ResolvedClass]> => [
    name,
    await resolveClass(deps, { name, provider: wanted.provider }),
  ]);
  return new Map(await Promise.all(resolved));
}

function pickParameters(classes: Map<string, ResolvedClass>): Record<string, ClassParameters> {
  const usable = [...classes].flatMap(([name, cls]): [string, ClassParameters][] =>
    'parameters' in cls ? [[name, cls.parameters]] : [],
  );
  return Object.fromEntries(usable);
}
