// Which activities does the worker offer to the workflows?
import { Context, log } from '@temporalio/activity';
import { KubernetesError } from '../watch/kubernetes-error.ts';
import { attachNode } from './attach-node.ts';
import { writeClaimStatus } from './claim-status.ts';
import type { ClaimActivities, WriteStatusRequest } from './contract.ts';
import type { ActivityOptions, Attempt, Dependencies } from './dependencies.ts';
import { detachNode } from './detach-node.ts';
import { buildEvent, buildNotInjectedEvent, recordEvents, refersToClaim } from './events.ts';
import type { EventCounts } from './events.ts';
import { KeyedLock } from './keyed-lock.ts';
import { observeClaim } from './observe-claim.ts';
import { removeFinalizer } from './release-claim.ts';

/** Builds the activities on the parts of one process. */
export function createActivities(options: ActivityOptions): ClaimActivities {
  const deps: Dependencies = { ...options, mountPodLock: new KeyedLock() };
  const counts: EventCounts = new Map();
  return {
    observeClaim: (request) => observeClaim(deps, request),
    attachNode: (request) => attachNode(deps, request, readAttempt()),
    detachNode: (request) => detachNode(deps, request, readAttempt()),
    writeStatus: (request) => writeStatus(deps, counts, request, readAttempt().warn),
    async releaseClaim({ claim, event }) {
      await removeFinalizer(deps, claim);
      if (!event) return;
      const object = buildEvent(refersToClaim(claim), event, new Date());
      await recordEvents(deps, counts, [object], readAttempt().warn);
    },
  };
}

function readAttempt(): Attempt {
  const context = Context.current();
  return {
    signal: context.cancellationSignal,
    heartbeat: () => context.heartbeat(),
    warn: (message, fields) => log.warn(message, fields),
  };
}

async function writeStatus(
  deps: Dependencies,
  counts: EventCounts,
  { claim, status, event, notInjected }: WriteStatusRequest,
  warn: Attempt['warn'],
): Promise<void> {
  const now = new Date();
  const events = [
    ...(event ? [buildEvent(refersToClaim(claim), event, now)] : []),
    ...notInjected.map((pod) => buildNotInjectedEvent(claim, pod, now)),
  ];
  await Promise.all([
    writeClaimStatus(deps, claim, status).catch((error: unknown) => {
      // A status that the schema refuses will be refused again, and must not hold up the claim.
      if (!isInvalid(error)) throw error;
      warn('The API server refused a status', { error: String(error) });
    }),
    recordEvents(deps, counts, events, warn),
  ]);
}

function isInvalid(error: unknown): boolean {
  return error instanceof KubernetesError && (error.status === 400 || error.status === 422);
}
