// Has a claim become what a person has told it to be? (pure)
import type { CommandKind } from '../workflows/commands.ts';
import type { WorkflowStatus } from '../workflows/messages.ts';
import type { WaitVerdict } from './wait-verdict.ts';

/** Keys of the sources that serve, as the query `status` has them. */
export function listServedKeys({ mounts }: Pick<WorkflowStatus, 'mounts'>): Set<string> {
  return new Set(Object.values(mounts).flatMap(({ served }) => served?.sourceKey ?? []));
}

/**
 * Compares the workflow's state with what a command asked for.
 *
 * @param before keys of the sources that served before the command was sent
 */
export function judgeSteering(
  command: CommandKind,
  before: ReadonlySet<string>,
  now: WorkflowStatus,
): WaitVerdict {
  const words = describe(now);
  if (command === 'detach') {
    return isDetached(now)
      ? { state: 'reached', words: 'is detached' }
      : { state: 'waiting', words };
  }
  if (now.deleting) return { state: 'never', words: 'is being deleted' };
  if (now.steering.detachedSinceMs !== undefined) {
    return { state: 'never', words: 'was detached meanwhile' };
  }
  const isServed = command === 'remount' ? isFresh(now, before) : isServing(now);
  return { state: isServed ? 'reached' : 'waiting', words };
}

/** A claim that is being deleted loses its mounts in the same way; its status names another reason. */
function isDetached(now: WorkflowStatus): boolean {
  if (Object.keys(now.mounts).length > 0) return false;
  return now.deleting || readReady(now)?.reason === 'Detached';
}

function isServing(now: WorkflowStatus): boolean {
  const ready = readReady(now);
  // Where no pod matches there is nothing to wait for.
  if (ready?.reason === 'NoMatchingPods') return true;
  return ready?.status === 'True' && Object.values(now.mounts).every(({ served }) => served);
}

function isFresh(now: WorkflowStatus, before: ReadonlySet<string>): boolean {
  return isServing(now) && ![...listServedKeys(now)].some((key) => before.has(key));
}

function readReady({ status }: WorkflowStatus) {
  return status?.conditions.find(({ type }) => type === 'Ready');
}

function describe(now: WorkflowStatus): string {
  const ready = readReady(now);
  if (ready === undefined) return 'is not looked at yet';
  const pods = now.status?.attachedOfMatched;
  const of = pods === undefined ? '' : ` (${pods} pods)`;
  if (ready.status === 'True') return `serves${of}`;
  return `stands at ${ready.reason}${of}: ${ready.message}`;
}
