// Has its CPU limit held up a mount pod so much that people should know?
import { CLASS_PARAMETERS, GROUP } from '../api/names.ts';
import type { MountPodThrottling } from '../api/node-agent.ts';
import type { ClaimIdentity } from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { buildEvent, recordEvents, refersToClaim } from './events.ts';

/** Share of the periods, and milliseconds in all, from which on it is worth an Event. */
const MIN_SHARE = 0.25;
const MIN_THROTTLED_MS = 1_000;

/** Figures beyond this many mount pods are forgotten: one of them is then told of once more. */
const MAX_TOLD = 1_000;

/** A mount pod with figures, and whose it is. */
export interface ThrottledMountPod {
  name: string;
  className: string;
  /** As the class gives it. */
  cpuLimit: string;
  figures: MountPodThrottling;
  claims: ClaimIdentity[];
}

/**
 * Was it held up since people were told last? (pure) Figures that are smaller than the former ones are those
 * of a new container.
 */
export function isWorthTelling(
  now: MountPodThrottling,
  told: MountPodThrottling | undefined,
): boolean {
  const former = told && told.periods <= now.periods ? told : undefined;
  const periods = now.periods - (former?.periods ?? 0);
  const throttledPeriods = now.throttledPeriods - (former?.throttledPeriods ?? 0);
  const throttledMs = now.throttledMs - (former?.throttledMs ?? 0);
  return throttledMs >= MIN_THROTTLED_MS && throttledPeriods >= periods * MIN_SHARE;
}

/** Records a Warning on the claims of mount pods that were held up; one Event for each, which counts up. */
export async function reportThrottling(
  deps: Pick<Dependencies, 'kubernetes' | 'eventCounts' | 'toldThrottling'>,
  mountPods: ThrottledMountPod[],
  warn: Attempt['warn'],
): Promise<void> {
  const told = deps.toldThrottling;
  const held = mountPods.filter(({ figures }) =>
    isWorthTelling(figures, told.get(figures.mountPodUid)),
  );
  if (told.size >= MAX_TOLD) told.clear();
  for (const { figures } of held) told.set(figures.mountPodUid, figures);
  const now = new Date();
  const events = held.flatMap((mountPod) =>
    mountPod.claims.map((claim) =>
      buildEvent(
        refersToClaim(claim),
        { type: 'Warning', reason: 'MountPodThrottled', message: describeThrottling(mountPod) },
        now,
        mountPod.figures.mountPodUid,
      ),
    ),
  );
  await recordEvents(deps, events, warn);
}

/** One sentence with the figures. */
function describeThrottling({ name, className, cpuLimit, figures }: ThrottledMountPod): string {
  const seconds = (figures.throttledMs / 1_000).toFixed(1);
  const parameter = CLASS_PARAMETERS.cpuLimit.slice(GROUP.length + 1);
  return `Mount pod ${name} of class ${className} was throttled in ${figures.throttledPeriods} of ${figures.periods} periods, ${seconds} s in all, by its CPU limit ${cpuLimit}; raise ${parameter}`;
}
