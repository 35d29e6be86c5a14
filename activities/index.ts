// Which activities does the worker offer to the workflows?
import { Context, log } from '@temporalio/activity';
import { KubernetesError } from '../watch/kubernetes-error.ts';
import { recordAlarm } from './alarm.ts';
import { attachNode } from './attach-node.ts';
import { writeClaimStatus } from './claim-status.ts';
import type { AuditActivities, ClaimActivities, WriteStatusRequest } from './contract.ts';
import { buildDependencies } from './dependencies.ts';
import type { ActivityOptions, Attempt, Dependencies } from './dependencies.ts';
import { detachNode } from './detach-node.ts';
import {
  buildAttachFailedEvent,
  buildEvent,
  buildNotInjectedEvent,
  recordEvents,
  refersToClaim,
} from './events.ts';
import { findLeftMounts } from './find-left-mounts.ts';
import { observeClaim } from './observe-claim.ts';
import { observeDrift } from './observe-drift.ts';
import { removeFinalizer } from './release-claim.ts';
import { repairDrift } from './repair-drift.ts';

/** Builds the activities on the parts of one process. */
export function createActivities(options: ActivityOptions): ClaimActivities & AuditActivities {
  const deps = buildDependencies(options);
  return { ...buildClaimActivities(deps), ...buildAuditActivities(deps) };
}

function buildClaimActivities(deps: Dependencies): ClaimActivities {
  return {
    observeClaim: (request) => observeClaim(deps, request),
    findLeftMounts: (claim) => findLeftMounts(deps, claim, readAttempt()),
    attachNode: (request) => attachNode(deps, request, readAttempt()),
    detachNode: (request) => detachNode(deps, request, readAttempt()),
    writeStatus: (request) => writeStatus(deps, request, readAttempt().warn),
    async releaseClaim({ claim, event }) {
      await removeFinalizer(deps, claim);
      if (!event) return;
      const object = buildEvent(refersToClaim(claim), event, new Date());
      await recordEvents(deps, [object], readAttempt().warn);
    },
  };
}

function buildAuditActivities(deps: Dependencies): AuditActivities {
  return {
    observeDrift: () => observeDrift(deps, readAttempt()),
    repairDrift: (request) => repairDrift(deps, request, readAttempt()),
    async raiseAlarm(message) {
      log.error('The drift audit stopped', { reason: message });
      await recordAlarm(deps, message, readAttempt().warn);
    },
  };
}

function readAttempt(): Attempt {
  const context = Context.current();
  return {
    signal: context.cancellationSignal,
    heartbeat: () => context.heartbeat(),
    isRepeated: context.info.attempt > 1,
    warn: (message, fields) => log.warn(message, fields),
  };
}

async function writeStatus(
  deps: Dependencies,
  { claim, status, event, notInjected, failed = [] }: WriteStatusRequest,
  warn: Attempt['warn'],
): Promise<void> {
  const now = new Date();
  const events = [
    ...(event ? [buildEvent(refersToClaim(claim), event, now)] : []),
    ...notInjected.map((pod) => buildNotInjectedEvent(claim, pod, now)),
    ...failed.map((pod) => buildAttachFailedEvent(claim, pod, now)),
  ];
  await Promise.all([
    writeClaimStatus(deps, claim, status).catch((error: unknown) => {
      // A status that the schema refuses will be refused again, and must not hold up the claim.
      if (!isInvalid(error)) throw error;
      warn('The API server refused a status', { err: error });
    }),
    recordEvents(deps, events, warn),
  ]);
}

function isInvalid(error: unknown): boolean {
  return error instanceof KubernetesError && (error.status === 400 || error.status === 422);
}
