// How do the activities and timers of a workflow read?
import type {
  AttachNodeRequest,
  AttachNodeResult,
  DetachNodeRequest,
} from '../../../activities/contract.ts';
import type { TimelineEntry } from '../views.ts';
import { tellBegin, tellResult } from './activity-words.ts';
import {
  readFailure,
  readFields,
  readNumber,
  readPayloads,
  readText,
  readTimeMs,
} from './events.ts';
import type { HistoryEvent } from './events.ts';
import { LOOK_AGAIN } from './message-words.ts';
import { addEntry, endEntry } from './story.ts';
import type { Reader, Story } from './story.ts';

/** Readers of the events that are about activities, local ones included, and about timers. */
export const ACTIVITY_READERS: Record<string, Reader> = {
  markerRecorded: readMarker,
  activityTaskScheduled: readScheduled,
  activityTaskStarted: readAttempt,
  activityTaskCompleted: readCompleted,
  activityTaskFailed: readFailed,
  activityTaskTimedOut: readFailed,
  activityTaskCancelRequested: readCancelRequest,
  activityTaskCanceled: (event, story) => {
    const begun = endEntry(event, story, 'scheduledEventId');
    if (begun) begun.entry.outcome = 'canceled';
  },
  timerStarted: readTimer,
  timerFired: (event, story) => {
    const begun = endEntry(event, story, 'startedEventId');
    if (begun) begun.entry.outcome = 'done';
  },
  timerCanceled: (event, story) => {
    const begun = endEntry(event, story, 'startedEventId');
    if (begun) Object.assign(begun.entry, { outcome: 'canceled', detail: 'something came first' });
  },
};

/** Name of the marker by which Temporal's SDK records a local activity. */
const LOCAL_ACTIVITY_MARKER = 'core_local_activity';

/** Other markers are of patches, which concern nobody but replays. */
function readMarker(event: HistoryEvent, story: Story): void {
  const { markerName, details, failure } = event.attributes;
  if (markerName !== LOCAL_ACTIVITY_MARKER) return;
  const { data, result } = readFields(details);
  const [about] = readPayloads(data);
  const { activity_type, attempt, complete_time } = readFields(about);
  const type = readText(activity_type);
  const begin = tellBegin(type, undefined);
  const [value] = readPayloads(result);
  const end: Partial<TimelineEntry> = failure
    ? { outcome: 'failed', detail: readFailure(failure) }
    : tellResult(type, value);
  const entry = { ...begin, ...tellStatus(type, story), ...end, ...tellAttempt(attempt) };
  addEntry(event, story, entry, findLocalTimeMs(event, story, readTimeMs(complete_time)));
}

/** By the controller's clock, unless that goes against the order of the events. */
function findLocalTimeMs(event: HistoryEvent, { entries }: Story, doneMs = event.atMs): number {
  const beforeMs = Date.parse(entries.at(-1)?.at ?? '') || 0;
  return Math.min(Math.max(doneMs, beforeMs), event.atMs);
}

/** The search attributes are set just before the status is written, and only the latter leaves no words behind. */
function tellStatus(type: string, { phase, attached, matched }: Story): { title?: string } {
  if (type !== 'writeStatus') return {};
  const counts = `${attached} of ${matched} pods`;
  if (phase === 'Attached') return { title: `status written: ${phase} in ${counts}` };
  return { title: `status written: ${phase}${matched > 0 ? `, ${counts} attached` : ''}` };
}

function tellAttempt(attempt: unknown): { attempt?: number } {
  const number = readNumber(attempt);
  return number > 1 ? { attempt: number } : {};
}

function readScheduled(event: HistoryEvent, story: Story): void {
  const { activityType, input } = event.attributes;
  const type = readText(readFields(activityType)['name']);
  const [argument] = readPayloads(input);
  const begin = {
    ...tellBegin(type, event.summary),
    ...tellStatus(type, story),
    ...tellReplaced(type, event.summary, argument, story),
  };
  story.begun.set(event.id, { entry: addEntry(event, story, begin), type, input: argument });
}

/** Taking off what a swap has replaced is not taking the storage away. */
function tellReplaced(
  type: string,
  summary: string | undefined,
  argument: unknown,
  { served }: Story,
): { title?: string } {
  if (type !== 'detachNode' || summary === undefined) return {};
  const { targets = [] } = readFields(argument) as Partial<DetachNodeRequest>;
  const isReplaced = targets.every(
    ({ podUid, sourceKey }) => (served.get(podUid) ?? sourceKey) !== sourceKey,
  );
  return isReplaced
    ? { title: summary.replace(/^detach from/, 'take off what was replaced in') }
    : {};
}

/** What was told last is why. */
function readCancelRequest({ attributes }: HistoryEvent, { entries, begun }: Story): void {
  const stopped = begun.get(readNumber(attributes['scheduledEventId']));
  const why = entries.findLast(
    ({ kind, title }) => (kind === 'signal' || kind === 'update') && title !== LOOK_AGAIN,
  );
  if (stopped && why) stopped.entry.detail = `stopped: ${why.title}`;
}

function readAttempt({ attributes }: HistoryEvent, story: Story): void {
  const begun = story.begun.get(readNumber(attributes['scheduledEventId']));
  if (!begun) return;
  Object.assign(begun.entry, tellAttempt(attributes['attempt']));
  const before = readFailure(attributes['lastFailure']);
  if (before !== '') begun.entry.detail = `at first: ${before}`;
}

/** Why earlier attempts failed is worth knowing after the last one has succeeded, too. */
function readCompleted(event: HistoryEvent, story: Story): void {
  const begun = endEntry(event, story, 'scheduledEventId');
  if (!begun) return;
  const before = begun.entry.detail;
  const [result] = readPayloads(event.attributes['result']);
  const told = tellResult(begun.type, result, begun.input);
  if (begun.type === 'attachNode') noteServed(begun.input, result, story);
  const detail = [told.detail, before].filter((text) => text !== undefined).join('; ');
  Object.assign(begun.entry, told, detail === '' ? {} : { detail });
}

function noteServed(input: unknown, result: unknown, { served }: Story): void {
  const { targets = [] } = readFields(input) as Partial<AttachNodeRequest>;
  const { results = [] } = readFields(result) as Partial<AttachNodeResult>;
  const failed = new Set(results.flatMap(({ podUid, failure }) => (failure ? [podUid] : [])));
  for (const { podUid, sourceKey } of targets) {
    if (!failed.has(podUid)) served.set(podUid, sourceKey);
  }
}

function readFailed(event: HistoryEvent, story: Story): void {
  const begun = endEntry(event, story, 'scheduledEventId');
  if (!begun) return;
  begun.entry.outcome = 'failed';
  begun.entry.detail = readFailure(event.attributes['failure']);
}

function readTimer(event: HistoryEvent, story: Story): void {
  const entry = addEntry(event, story, {
    kind: 'timer',
    title: ['wait', tellSeconds(event.attributes['startToFireTimeout']), event.summary ?? '']
      .join(' ')
      .trim(),
    outcome: 'open',
  });
  story.begun.set(event.id, { entry, type: '' });
}

/** A `Duration`, which is "2.5s" in JSON. */
function tellSeconds(timeout: unknown): string {
  const { seconds, nanos } = readFields(timeout);
  const total =
    typeof timeout === 'string'
      ? Number.parseFloat(timeout)
      : readNumber(seconds) + readNumber(nanos) / 1e9;
  return `${Math.round(total * 10) / 10} s`;
}
