// What did an activity of a claim's workflow come to, in words? (pure)
import type {
  AttachNodeRequest,
  AttachNodeResult,
  DetachNodeRequest,
  DetachNodeResult,
  DetachResult,
  Failure,
  LeftMounts,
  Observation,
  ObservedClaim,
} from '../../../activities/contract.ts';
import { readFields } from './events.ts';
import { countPods, listSome } from '../text.ts';
import type { TimelineEntry } from '../views.ts';

/** How it went; what it says itself wins over what its summary said before. */
export type ActivityStory = Pick<TimelineEntry, 'kind' | 'title' | 'outcome' | 'detail'>;

/** What an activity is called that has no summary. */
const TITLES: Record<string, string> = {
  observeClaim: 'look at the claim and its pods',
  findLeftMounts: 'look for mounts of a former workflow',
  writeStatus: 'write the status',
  releaseClaim: 'take the finalizer off the claim',
};

const KINDS: Record<string, TimelineEntry['kind']> = {
  observeClaim: 'look',
  findLeftMounts: 'look',
  writeStatus: 'status',
};

/** An activity that goes on. @param summary what the workflow calls it */
export function tellBegin(type: string, summary: string | undefined): ActivityStory {
  const title = summary ?? TITLES[type] ?? type;
  return { kind: KINDS[type] ?? 'work', title, outcome: 'open' };
}

/**
 * What an activity has answered. A history may be older than this code, so nothing is taken for granted.
 *
 * @param input its first argument, if known
 */
export function tellResult(
  type: string,
  result: unknown,
  input?: unknown,
): Partial<ActivityStory> & Pick<ActivityStory, 'outcome'> {
  const given = readFields(input);
  const answer = readFields(result);
  switch (type) {
    case 'observeClaim':
      return tellLook(answer);
    case 'findLeftMounts':
      return tellLeftMounts(answer);
    case 'attachNode':
      return tellAttached(given, answer);
    case 'detachNode':
      return tellDetached(given, answer);
    default:
      return { outcome: 'done' };
  }
}

function tellLook(look: Partial<Observation>): Pick<ActivityStory, 'title' | 'outcome' | 'detail'> {
  if (look.gone) return { title: 'look: the claim is gone', outcome: 'done' };
  const { deleting, pods = [], selector, failure } = look as Partial<ObservedClaim>;
  if (deleting) return { title: 'look: the claim is being deleted', outcome: 'done' };
  const counted = pods.filter(({ state }) => state !== 'completed' && state !== 'terminating');
  const problems = [
    ...(failure ? [failure.message] : []),
    ...counted.flatMap((pod) => (isSame(pod.failure, failure) ? [] : (describePod(pod) ?? []))),
  ];
  return {
    title: `look: ${describeMatch(counted.length, selector)}`,
    outcome: 'done',
    ...buildDetail([...new Set(problems)], '; '),
  };
}

function isSame(one: Failure | undefined, other: Failure | undefined): boolean {
  return one !== undefined && one.message === other?.message;
}

function describeMatch(count: number, selector: string | undefined): string {
  if (count === 0) return selector ? `no pod matches ${selector}` : 'no pod matches';
  return `${countPods(count)} ${count === 1 ? 'matches' : 'match'}`;
}

/** Undefined when nothing is in the way of the pod's storage. */
function describePod(pod: ObservedClaim['pods'][number]): string | undefined {
  if (pod.failure) return `${pod.name}: ${pod.failure.message}`;
  if (pod.state === 'notInjected') return `${pod.name} has no volume root`;
  if (pod.state !== 'pending') return undefined;
  return `${pod.name} is starting${pod.startProblem ? `: ${pod.startProblem}` : ''}`;
}

function tellLeftMounts({
  mounts = [],
  unreachableNodes = [],
}: Partial<LeftMounts>): Pick<ActivityStory, 'outcome' | 'detail'> {
  const silent = unreachableNodes.map((node) => `${node} does not answer`);
  const left = mounts.map(({ podName, node }) => `found in ${podName} on ${node}`);
  const found = left.length === 0 && silent.length === 0 ? ['nothing was left'] : left;
  return {
    outcome: silent.length > 0 ? 'failed' : 'done',
    ...buildDetail([...found, ...silent]),
  };
}

function tellAttached(
  { targets = [] }: Partial<AttachNodeRequest>,
  { results = [] }: Partial<AttachNodeResult>,
): Pick<ActivityStory, 'outcome' | 'detail'> {
  const lines = results.map(({ podUid, failure }) => ({
    pod: findName(targets, podUid),
    why: failure?.message,
  }));
  return tellPods(lines);
}

/** How storage went that did not just go. */
const RUNGS: Partial<Record<NonNullable<DetachResult['rung']>, string>> = {
  lazy: 'taken away while it was in use',
  abort: 'taken away by force: its connection was aborted',
};

function tellDetached(
  { targets = [] }: Partial<DetachNodeRequest>,
  { results = [] }: Partial<DetachNodeResult>,
): Pick<ActivityStory, 'outcome' | 'detail'> {
  const lines = results.map(({ podUid, failure, rung }) => ({
    pod: findName(targets, podUid),
    why: failure?.message,
    how: rung && RUNGS[rung],
  }));
  return tellPods(lines);
}

function findName(targets: { podUid: string; podName: string }[], uid: string): string {
  return targets.find(({ podUid }) => podUid === uid)?.podName ?? uid;
}

/** A pod may have several sources: it is named once for what is the same. */
function tellPods(
  lines: { pod: string; why: string | undefined; how?: string | undefined }[],
): Pick<ActivityStory, 'outcome' | 'detail'> {
  const failed = lines.filter(({ why }) => why !== undefined);
  if (failed.length > 0) {
    const texts = failed.map(({ pod, why }) => `${pod}: ${why}`);
    return { outcome: 'failed', ...buildDetail([...new Set(texts)], '; ') };
  }
  const texts = lines.map(({ pod, how }) => (how ? `${pod}: ${how}` : pod));
  return { outcome: 'done', ...buildDetail([...new Set(texts)]) };
}

function buildDetail(texts: string[], separator?: string): { detail?: string } {
  return texts.length === 0 ? {} : { detail: listSome(texts, separator) };
}
