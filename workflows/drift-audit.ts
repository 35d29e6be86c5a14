// Does what is mounted agree with the claims? (the workflow of the one schedule; see audit-plan.ts)
import {
  ApplicationFailure,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { AuditActivities, DriftLook } from '../activities/contract.ts';
import { planAudit } from './audit-plan.ts';
import type { AuditMemory } from './audit-plan.ts';

/** Few tries: the next audit comes in a minute. */
const activities = proxyActivities<AuditActivities>({
  startToCloseTimeout: '40 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/**
 * Looks once, mends what differs, and hands to the next audit what looked like an orphan.
 *
 * @throws ApplicationFailure it would have removed too much, and removed nothing
 */
export async function driftAuditWorkflow(): Promise<AuditMemory> {
  const former = workflowInfo().lastResult as AuditMemory | undefined;
  const look = await activities.observeDrift.executeWithOptions(
    { summary: 'compare claims with mounts on all nodes' },
    [],
  );
  setCurrentDetails(describeLook(look));
  const plan = planAudit({ look, former });
  if (plan.kind === 'alarm') {
    await activities.raiseAlarm(plan.message);
    throw ApplicationFailure.nonRetryable(plan.message, 'DriftAuditStopped');
  }
  const { remove, recheck } = plan;
  if (remove.length + recheck.length > 0) {
    const summary = `remove ${remove.length} orphans, recheck ${recheck.length} claims`;
    await activities.repairDrift.executeWithOptions({ summary }, [{ remove, recheck }]);
  }
  return { suspects: look.orphans };
}

function describeLook({ mounts, orphans, missing, unreachableNodes }: DriftLook): string {
  const silent =
    unreachableNodes.length === 0 ? '' : `; no answer from ${unreachableNodes.join(', ')}`;
  return `${mounts} mounts, ${orphans.length} without a claim, ${missing.length} claims without their mount${silent}`;
}
