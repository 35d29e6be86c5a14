// How does a workflow tell a person what is, what failed, what comes next and what to do? (pure)
import { ERRORS } from '../api/errors.ts';
import type { ClaimPod } from '../api/dynamic-volume-claim.ts';
import type { ClaimStatusDraft } from '../activities/contract.ts';
import { readPresentGrace } from './commands.ts';
import type { Steering } from './commands.ts';
import { describeIgnored, describeNext } from './progress.ts';
import type { ProgressInput } from './progress.ts';
import { readReady } from './status.ts';

/** Pods whose trouble is told one by one. */
const MAX_TOLD_PODS = 5;

/** Plain sentences, one a line. */
export function buildExplanation(input: ProgressInput & { deleting: boolean }): string {
  const { claim, status, next, steering } = input;
  const ignored = describeIgnored(steering);
  return [
    `Claim ${claim.name} in namespace ${claim.namespace}: ${describeReady(status)}`,
    ...(status ? describePods(status) : []),
    `Next: ${describeNext(next)}.`,
    `You can: ${advise(input)}.`,
    ...(ignored ? [`${ignored}.`] : []),
  ].join('\n');
}

function describeReady(status: ClaimStatusDraft | undefined): string {
  const ready = readReady(status);
  return ready ? `${ready.reason}. ${ready.message}.` : 'not looked at yet.';
}

function describePods(status: ClaimStatusDraft): string[] {
  const troubled = status.pods.filter((pod) => pod.message);
  return [
    `${status.attached} of ${status.matched} matching pods have the storage; ${status.failed} failed, ${status.notInjected} without a volume root.`,
    ...troubled.slice(0, MAX_TOLD_PODS).map(describePod),
  ];
}

function describePod({ name, node, state, reason, message }: ClaimPod): string {
  const where = node ? ` on node ${node}` : '';
  return `Pod ${name}${where} is ${state}${reason ? ` (${reason})` : ''}: ${message}.`;
}

function advise(input: ProgressInput & { deleting: boolean }): string {
  const { status, steering, deleting } = input;
  const isBusy = status?.pods.some((pod) => pod.reason === ERRORS.IN_USE.reason) ?? false;
  const hurry = isBusy ? adviseHurry(steering, deleting) : undefined;
  if (hurry !== undefined) return hurry;
  if (deleting)
    return 'wait for the end; pods that use the storage are named above if there are any';
  if (steering.detachedSinceMs !== undefined) return 'send attach to have the storage back';
  const stalled = status?.conditions.find((condition) => condition.type === 'Stalled');
  if (stalled) return `mend what ${stalled.reason} names; nothing has to be restarted after that`;
  return 'send remount for a fresh source with fresh credentials, or detach to take the storage away';
}

/** `detach` takes the storage from every pod: it is told only where it goes from all of them anyway. */
function adviseHurry(steering: Steering, deleting: boolean): string | undefined {
  if (readPresentGrace(steering).seconds === 0) return undefined;
  const end = 'end the processes that use the storage';
  if (!deleting && steering.detachedSinceMs === undefined) return end;
  return `${end}, or send detach with {"graceSeconds": 0} to take it away without waiting for them`;
}
