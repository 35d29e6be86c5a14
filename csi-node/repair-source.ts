// How is a source that does not serve any more brought back, beneath everybody who shows it?
import { VolumeError } from '../api/errors.ts';
import type { AgentDependencies } from './agent-dependencies.ts';
import { ensureAttached } from './attach.ts';
import { abortFuseConnection, parseDeviceMinor } from './fuse.ts';
import { findShown, type ShownMount } from './list-mounts.ts';
import { podLock } from './locks.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { observePath } from './probe.ts';
import { ensureSource, observeStaged } from './source.ts';

/** Whoever waits for a mount pod holds the source's lock; between two tries others get it. */
const MOUNT_POD_DEADLINE_MS = 1_000;
const PROBE_DEADLINE_MS = 2_000;

/** What a repair works with. */
export type RepairDependencies = Pick<
  AgentDependencies,
  'features' | 'locks' | 'probe' | 'retirement' | 'served' | 'log'
>;

/**
 * - `repaired`: it serves again
 * - `serving`: it serves, and nothing had to be done
 * - `unwanted`: no pod shows it
 * - `unknown`: this agent was started after its last attach, and does not know its keys
 */
export type RepairOutcome = 'repaired' | 'serving' | 'unwanted' | 'unknown';

/** How a repair is done. */
export interface RepairOptions {
  signal: AbortSignal;
  /** Shall a mount that hangs be aborted and replaced? */
  replaceHung: boolean;
}

/** The mounts of a source that pods show. */
export function findShownOf(mounts: MountRow[], sourceKey: string): ShownMount[] {
  return findShown(mounts).filter(({ target }) => target.sourceKey === sourceKey);
}

/** The parked mount that serves; undefined if there is none and none can be made. */
async function ensureServing(
  deps: RepairDependencies,
  sourceKey: string,
  options: RepairOptions,
): Promise<MountRow | undefined> {
  const known = deps.served.get(sourceKey);
  if (known !== undefined)
    return await deps.retirement.use(known.mountPodUid, () =>
      ensureSource(deps, known, { ...options, mountPodDeadlineMs: MOUNT_POD_DEADLINE_MS }),
    );
  const staged = await observeStaged(deps.probe, sourceKey);
  return staged?.result === 'ok' ? staged.row : undefined;
}

/**
 * Of the mounts that show another file system than the parked one: those that do not serve. One that does belongs to a
 * mount pod that is about to end; the claim's own attach moves it, when all is uploaded.
 */
async function findDead(
  { probe }: RepairDependencies,
  others: ShownMount[],
  replaceHung: boolean,
): Promise<ShownMount[]> {
  const dead = new Set<string>();
  const observe = async ({ device, path }: ShownMount): Promise<void> => {
    const result = await observePath(probe, path, PROBE_DEADLINE_MS);
    if (result === 'timeout' && replaceHung) abortFuseConnection(parseDeviceMinor(device));
    if (result !== 'ok' && (result !== 'timeout' || replaceHung)) dead.add(device);
  };
  const oneOfEach = new Map(others.map((mount) => [mount.device, mount]));
  await Promise.all([...oneOfEach.values()].map(observe));
  return others.filter(({ device }) => dead.has(device));
}

/** Puts the serving mount beneath a dead one, unless that was taken away in between. */
function swap(deps: RepairDependencies, staged: MountRow, dead: ShownMount): Promise<void> {
  return deps.locks.run(podLock(dead.target.podUid), () => {
    const found = findShownOf(observeMounts(), staged.source).find(
      ({ path, device }) => path === dead.path && device === dead.device,
    );
    if (found !== undefined)
      ensureAttached(deps.features, staged, { ...found.target, replacesSourceKey: '' });
  });
}

/**
 * Makes one try to bring a source back: mounts it anew if its parked mount is dead, and swaps that in wherever a pod
 * shows a dead one, with the flags that are there. The caller holds the source's lock.
 *
 * @throws VolumeError what is wrong with the mount pod or the storage, or `MOUNT_HUNG`
 */
export async function repairSource(
  deps: RepairDependencies,
  sourceKey: string,
  options: RepairOptions,
): Promise<RepairOutcome> {
  options.signal.throwIfAborted();
  if (findShownOf(observeMounts(), sourceKey).length === 0) return 'unwanted';
  const staged = await ensureServing(deps, sourceKey, options);
  if (staged === undefined) return 'unknown';
  const others = findShownOf(observeMounts(), sourceKey).filter(
    ({ device }) => device !== staged.device,
  );
  const dead = await findDead(deps, others, options.replaceHung);
  const swaps = await Promise.allSettled(dead.map((mount) => swap(deps, staged, mount)));
  const failed = swaps.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw VolumeError.from(failed.reason);
  return dead.length > 0 ? 'repaired' : 'serving';
}
