// What has to be done for all classes now?
import { API_VERSION, GROUP, MOUNT_NAMESPACE } from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { Dependencies } from '../activities/dependencies.ts';
import { buildEvent, recordEvents } from '../activities/events.ts';
import { buildWarmMountPod } from '../activities/mount-pod-spec.ts';
import { listAllMountPods } from '../activities/node-tables.ts';
import { findClaimsOfClasses } from '../watch/affected-claims.ts';
import type { PodView } from '../watch/cluster-view.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
import { planFinalizer } from './finalizer-plan.ts';
import type { FinalizerPlan } from './finalizer-plan.ts';
import { observePools } from './observe-pools.ts';
import { planWarmPools } from './warm-pool-plan.ts';

/** Requests in flight at most: a class with a pool on every node must not flood the API server. */
const CONCURRENCY = 10;

/** A warm mount pod holds nothing that it had to bring to an end. */
const REMOVE_GRACE_SECONDS = 1;

export interface KeeperDependencies extends Pick<
  Dependencies,
  'view' | 'kubernetes' | 'settings' | 'eventCounts'
> {
  warn(message: string, fields: Record<string, unknown>): void;
  /** What was last told of a class that has to wait, by its UID. */
  told: Map<string, string>;
}

/**
 * Does what the finalizers and warm pools of all classes call for. One that fails does not hold up the others.
 *
 * @throws AggregateError what the API server has refused
 */
export async function keepClasses(deps: KeeperDependencies): Promise<void> {
  const { view, settings } = deps;
  const classes = view.storageProviderClasses();
  const { create, remove } = planWarmPools(observePools(view, settings), listAllMountPods(view));
  await runAll([
    ...classes.map((cls) => () => keepFinalizer(deps, cls)),
    ...create.map(({ place, ordinal }) => async () => {
      await deps.kubernetes.createPod(buildWarmMountPod(place, ordinal, settings));
    }),
    ...remove.map((pod) => () => removeWarm(deps, pod)),
  ]);
}

async function keepFinalizer(deps: KeeperDependencies, cls: StorageProviderClass): Promise<void> {
  const { name, resourceVersion } = cls.metadata;
  const plan = await decideOnFinalizer(deps, cls);
  if (plan.kind === 'tellUsers') return tellUsers(deps, cls, plan.message);
  if (plan.kind === 'nothing') return;
  await deps.kubernetes.patchClassFinalizers({ name, resourceVersion }, plan.finalizers);
}

/** That no claim uses a class is only believed of the API server: a cache may lack one. */
async function decideOnFinalizer(
  { view, kubernetes }: KeeperDependencies,
  cls: StorageProviderClass,
): Promise<FinalizerPlan> {
  const { name, deletionTimestamp } = cls.metadata;
  const plan = planFinalizer(cls, () => findClaimsOfClasses([name], view));
  if (plan.kind !== 'setFinalizers' || deletionTimestamp === undefined) return plan;
  const live = await kubernetes.listAllClaims();
  const index = { claims: () => live, podsIn: (namespace: string) => view.podsIn(namespace) };
  return planFinalizer(cls, () => findClaimsOfClasses([name], index));
}

async function tellUsers(
  deps: KeeperDependencies,
  { metadata }: StorageProviderClass,
  message: string,
): Promise<void> {
  const { name, uid } = metadata;
  if (deps.told.get(uid) === message) return;
  deps.told.set(uid, message);
  const regarding = {
    apiVersion: `${GROUP}/${API_VERSION}`,
    kind: 'StorageProviderClass',
    name,
    uid,
  };
  const event = { type: 'Warning' as const, reason: 'ClassInUse', message };
  await recordEvents(deps, [buildEvent(regarding, event, new Date())], deps.warn);
}

/** Only as it was seen: an attach may be taking it at this moment. */
async function removeWarm(
  { kubernetes }: KeeperDependencies,
  { name, uid, resourceVersion }: PodView,
): Promise<void> {
  await kubernetes.removePod(
    { namespace: MOUNT_NAMESPACE, name, uid, resourceVersion },
    REMOVE_GRACE_SECONDS,
  );
}

/** Who was too late (the object has changed, is gone, or is there already) looks again with the next change. */
async function runAll(effects: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  const work = async (queue: typeof effects) => {
    for (let effect = queue.shift(); effect; effect = queue.shift()) {
      await effect().catch((error: unknown) => {
        if (!isConflict(error) && !isNotFound(error)) failures.push(error);
      });
    }
  };
  const queue = [...effects];
  await Promise.all(Array.from({ length: CONCURRENCY }, () => work(queue)));
  if (failures.length > 0) {
    throw new AggregateError(failures, failures.map(String).join('; ').slice(0, 1_000));
  }
}
