// Which conditions follow from the pods of a claim? (pure; the first rule that speaks decides)
import { ERRORS } from '../api/errors.ts';
import type { REASONS } from '../api/conditions.ts';
import { COMMANDS, POD_ANNOTATIONS } from '../api/names.ts';
import type {
  ClaimIdentity,
  ConditionDraft,
  Failure,
  ObservedClaim,
} from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import type { PodRow } from './pod-rows.ts';
import { countPods, formatTime, shorten } from './text.ts';

// api/conditions.ts needs zod at run time, which has no place in a workflow: only its types are used.
type Reason = (typeof REASONS)[keyof typeof REASONS];
type Verdict = Pick<ConditionDraft, 'status' | 'message'> & { reason: string };

interface RuleInput {
  claim: ClaimIdentity;
  observed: ObservedClaim;
  rows: PodRow[];
  steering: Steering;
  unsearchedNodes: string[];
}

type Rule = (input: RuleInput) => Verdict | undefined;

/** Longest message of a condition that we write, in characters. */
const MAX_MESSAGE_LENGTH = 1_024;

const READY_RULES: Rule[] = [
  whenDeleting,
  whenDetachedByHand,
  whenClaimFails,
  whenPodsFail,
  whenAttaching,
  whenServing,
  whenOnlyNotInjected,
  whenPodsStart,
  whenNothingMatches,
];

/** Ready always; Reconciling and Stalled only while they are true, as kstatus wants it. */
export function buildConditions(input: RuleInput): ConditionDraft[] {
  const ready = firstVerdict(READY_RULES, input);
  const reconciling = firstVerdict(
    [whenDeleting, whenRetriedSoon, whenUnsearched, whenLeaving, whenAttaching, whenPodsStart],
    input,
  );
  const stalled = firstVerdict([whenPersonIsNeeded], input);
  const { generation } = input.observed;
  return [
    buildCondition('Ready', ready, generation),
    ...(reconciling
      ? [buildCondition('Reconciling', { ...reconciling, status: 'True' }, generation)]
      : []),
    ...(stalled ? [buildCondition('Stalled', { ...stalled, status: 'True' }, generation)] : []),
  ];
}

function firstVerdict(rules: Rule[], input: RuleInput): Verdict | undefined {
  for (const rule of rules) {
    const verdict = rule(input);
    if (verdict) return verdict;
  }
  return undefined;
}

function buildCondition(
  type: ConditionDraft['type'],
  verdict: Verdict | undefined,
  observedGeneration: number,
): ConditionDraft {
  const { status, reason, message } = verdict ?? refuse(whyNot('Attaching', 'Not looked at yet'));
  return {
    type,
    status,
    observedGeneration,
    reason,
    message: shorten(message, MAX_MESSAGE_LENGTH),
  };
}

function whenDeleting(input: RuleInput): Verdict | undefined {
  const { observed, rows } = input;
  if (!observed.deleting) return undefined;
  const failed = rows.find((row) => row.failure);
  if (failed?.failure) return refuse(whyFailing(failed, rows));
  if (rows.length === 0) return whenUnsearched(input);
  return refuse(whyNot('Detaching', `Taking the storage away from ${countPods(rows.length)}`));
}

/** This reason stays for as long as the claim is detached: a workflow that starts anew reads it. */
function whenDetachedByHand({ claim, steering, rows }: RuleInput): Verdict | undefined {
  if (steering.detachedSinceMs === undefined) return undefined;
  const leaving = rows.filter((row) => row.pod.state === 'Detaching');
  const busy = leaving.find((row) => row.failure);
  const still = leaving.length === 0 ? '' : `; still mounted in ${countPods(leaving.length)}`;
  const why = busy ? `: ${whyFailing(busy, rows).message}` : '';
  return refuse(
    whyNot(
      'Detached',
      `Detached by hand since ${formatTime(steering.detachedSinceMs)}${still}${why}; to have it back: \`kubectl dynvol ${COMMANDS.attach} ${claim.name} -n ${claim.namespace}\``,
    ),
  );
}

function whenLeaving({ steering, rows }: RuleInput): Verdict | undefined {
  const leaving = rows.filter((row) => row.pod.state === 'Detaching').length;
  if (steering.detachedSinceMs === undefined || leaving === 0) return undefined;
  return refuse(whyNot('Detaching', `Taking the storage away from ${countPods(leaving)}`));
}

function whenUnsearched({ unsearchedNodes }: RuleInput): Verdict | undefined {
  if (unsearchedNodes.length === 0) return undefined;
  return refuse(whyFailed(buildUnsearchedFailure(unsearchedNodes)));
}

/** Why it is not known whether a former workflow of the claim has left something. */
export function buildUnsearchedFailure(nodes: string[]): Failure {
  const names = nodes.slice(0, 3).join(', ');
  return {
    code: 'AGENT_UNREACHABLE',
    message: `The node agent of ${names}${nodes.length > 3 ? ', …' : ''} does not answer; mounts of the claim may be left there, it is asked again`,
  };
}

/** What was attached before the class failed still serves: that is not for Ready to tell, but for Stalled. */
function whenClaimFails(input: RuleInput): Verdict | undefined {
  if (input.rows.some((row) => row.pod.state === 'Attached')) return undefined;
  const failure = findClaimFailure(input);
  return failure && refuse(whyFailed(failure));
}

/** What keeps a claim from being attached does not matter while it shall not be. */
function findClaimFailure({ observed, steering }: RuleInput): Failure | undefined {
  return steering.detachedSinceMs === undefined ? observed.failure : undefined;
}

/** What a person must mend is told before what may mend itself. */
function whenPodsFail({ rows }: RuleInput): Verdict | undefined {
  const failed = rows.filter((row) => row.pod.state === 'Failed');
  const first = failed.find((row) => row.failure && isSlow(row.failure)) ?? failed[0];
  return first && refuse(whyFailing(first, rows));
}

function whenAttaching({ rows }: RuleInput): Verdict | undefined {
  const attaching = rows.filter((row) => row.pod.reason === 'Attaching');
  if (attaching.length === 0) return undefined;
  const nodes = [...new Set(attaching.map((row) => row.pod.node))].slice(0, 3).join(', ');
  return refuse(whyNot('Attaching', `Attaching in ${countPods(attaching.length)} on ${nodes}`));
}

function whenServing({ observed, rows }: RuleInput): Verdict | undefined {
  const attached = rows.filter((row) => row.pod.state === 'Attached').length;
  if (attached === 0) return undefined;
  const bare = rows.filter((row) => row.pod.state === 'NotInjected').length;
  const also = bare === 0 ? '' : `; ${countPods(bare)} without a volume root: ${adviseInjection()}`;
  return {
    status: 'True',
    ...whyNot('Attached', `Served at /${observed.mountpoint} in ${countPods(attached)}${also}`),
  };
}

function whenOnlyNotInjected({ rows }: RuleInput): Verdict | undefined {
  if (rows.length === 0 || rows.some((row) => row.pod.state !== 'NotInjected')) return undefined;
  const names = rows.slice(0, 3).map((row) => row.pod.name);
  return refuse(
    whyNot(
      'NotInjected',
      `${countPods(rows.length)} matched (${names.join(', ')}${rows.length > 3 ? ', …' : ''}), none with a volume root: ${adviseInjection()}`,
    ),
  );
}

function whenPodsStart({ rows }: RuleInput): Verdict | undefined {
  const starting = rows.filter((row) => row.pod.reason === 'PodStarting');
  const first = starting.find((row) => row.pod.message) ?? starting[0];
  if (!first) return undefined;
  const why = first.pod.message ? `: ${first.pod.message}` : '';
  return refuse(
    whyNot(
      'PodStarting',
      `Waiting for ${countPods(starting.length)} to start (${first.pod.name}${why})`,
    ),
  );
}

function whenNothingMatches({ claim, observed }: RuleInput): Verdict {
  return refuse(
    whyNot(
      'NoMatchingPods',
      `No running pod in namespace "${claim.namespace}" matches the selector ${observed.selector}; start one or correct the selector`,
    ),
  );
}

function whenRetriedSoon(input: RuleInput): Verdict | undefined {
  const failure = findClaimFailure(input);
  if (failure) return isSlow(failure) ? undefined : refuse(whyFailed(failure));
  const row = input.rows.find((one) => one.failure && !isSlow(one.failure));
  return row && refuse(whyFailing(row, input.rows));
}

function whenPersonIsNeeded(input: RuleInput): Verdict | undefined {
  const failure = findClaimFailure(input);
  if (failure && isSlow(failure)) return refuse(whyFailed(failure));
  const row = input.rows.find((one) => one.failure && isSlow(one.failure));
  return row && refuse(whyFailing(row, input.rows));
}

function refuse(why: { reason: string; message: string }): Verdict {
  return { status: 'False', ...why };
}

function whyNot(reason: Reason, message: string): { reason: Reason; message: string } {
  return { reason, message };
}

function whyFailed(failure: Failure): { reason: string; message: string } {
  return { reason: ERRORS[failure.code].reason, message: failure.message };
}

/** The failure of one pod, where it is, and how many pods share the fate. */
function whyFailing(row: PodRow, rows: PodRow[]): { reason: string; message: string } {
  const failure = row.failure ?? { code: 'INTERNAL' as const, message: 'Unknown failure' };
  const others = rows.filter((one) => one.failure).length - 1;
  const where = `pod ${row.pod.name}${row.pod.node ? ` on node ${row.pod.node}` : ''}`;
  const more = others > 0 ? `, and ${countPods(others)} more` : '';
  return {
    reason: ERRORS[failure.code].reason,
    message: `${shorten(failure.message, MAX_MESSAGE_LENGTH - 200)} (${where}${more})`,
  };
}

function isSlow(failure: Failure): boolean {
  return ERRORS[failure.code].retry === 'slow';
}

function adviseInjection(): string {
  return `give the pod template the annotations ${POD_ANNOTATIONS.className} and ${POD_ANNOTATIONS.rootPath}, and start the pods anew`;
}
