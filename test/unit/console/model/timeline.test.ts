// Does the history of a claim read like its story?
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildTimeline, readRunStatus } from '../../../../console/model/timeline.ts';
import type { TimelineEntry } from '../../../../console/model/views.ts';
import { parseHistory } from '../../../workflow/history-file.ts';

function readHistory(name: string) {
  const file = new URL(`../../../histories/${name}.json`, import.meta.url);
  return parseHistory(readFileSync(file, 'utf8'));
}

/** One line a step; how long it took and which process sent it are not the same in another recording. */
function tell(entries: TimelineEntry[]): string[] {
  return entries.map(({ kind, outcome, attempt, title, detail }) =>
    [
      `${kind} ${outcome}${attempt ? ` #${attempt}` : ''}: ${title}`,
      ...(detail ? [detail.replaceAll(/by \d+@\S+?(?=:|$)/g, 'by <sender>')] : []),
    ].join(' | '),
  );
}

const STORIES: Record<string, string[]> = {
  'whole-life': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'claim-before-pod': [
    'life done: claim shop/pictures was seen',
    'look done: look: no pod matches app=web',
    'status done: status written: Pending',
    'signal done: asked to look again',
    'look done: look: 1 pod matches | web-1 is starting',
    'status done: status written: Pending, 0 of 1 pods attached',
    'signal done: asked to look again',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'class-not-found': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches | StorageProviderClass "nope" does not exist; create it or name another one',
    'status done: status written: Failed, 0 of 1 pods attached',
    'timer canceled: wait 2 s until the next try | something came first',
    'signal done: the claim was edited (generation 2)',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'api-server-away': [
    'life done: claim shop/pictures was seen',
    'look failed #3: look at the claim and its pods | ServiceUnavailable',
    'look done #2: look: 1 pod matches | at first: ServiceUnavailable',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'slow-attach-stopped': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: remount asked for | by <sender>',
    'look done: look: 1 pod matches',
    'work canceled: swap in s3 photos beneath what serves in 1 pod on node1 | stopped: remount asked for',
    'signal done: remount asked for | by <sender>',
    'look done: look: 1 pod matches',
    'work done: swap in s3 photos beneath what serves in 1 pod on node1 | web-1',
    'work done: take off what was replaced in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'grace-over': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'update done: detach asked for, with 4 s of grace | by <sender>: The storage is taken away from every pod; who uses it is given 4 s; send attach to bring it back',
    'look done: look: 1 pod matches',
    'work failed: detach from 1 pod on node1 | web-1: IN_USE at data',
    'status done: status written: Detached, 0 of 1 pods attached',
    'timer done: wait 1 s until the next try',
    'look done: look: 1 pod matches',
    'work failed: detach from 1 pod on node1 | web-1: IN_USE at data',
    'timer done: wait 2 s until the next try',
    'look done: look: 1 pod matches',
    'work failed: detach from 1 pod on node1 | web-1: IN_USE at data',
    expect.stringMatching(/^timer done: wait 0\.\d s until the grace is over$/) as string,
    'look done: look: 1 pod matches',
    'work done: detach from 1 pod on node1 (grace over: abort) | web-1: taken away by force: its connection was aborted',
    'status done: status written: Detached, 0 of 1 pods attached',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'left-mounts-found-later': [
    'life done: claim shop/pictures was seen',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'look failed: look for mounts of a former workflow | node1 does not answer',
    'status done: status written: Detaching',
    'timer done: wait 1 s until the next try',
    'look done: look for mounts of a former workflow | found in web-1 on node1',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'object-lost': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: the claim has vanished',
    'look done: look: the claim is gone',
    'life failed: the workflow failed | DynamicVolumeClaim shop/pictures is gone, and nobody was seen to delete it; what is mounted of it is left to the drift audit, which takes it away within minutes unless much has vanished at once',
  ],
  'not-injected': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches | web-1 has no volume root',
    'status done: status written: Failed, 0 of 1 pods attached',
    'signal done: asked to look again',
    'signal done: the claim was deleted',
    'look done: look: the claim is gone',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
  'nonsense-ignored': [
    'life done: claim shop/pictures was seen',
    'look done: look: 1 pod matches',
    'work done: attach s3 photos in 1 pod on node1 | web-1',
    'status done: status written: Attached in 1 of 1 pods',
    'signal done: attach asked for | by <sender>',
    'signal done: detach asked for | by <sender>',
    'signal failed: signal "reboot" was sent | there is no such signal, so it was ignored',
    'signal done: asked to look again, 2 times',
    'look done: look: 1 pod matches',
    'signal done: the claim was deleted',
    'look done: look: the claim is being deleted',
    'work done: detach from 1 pod on node1 | web-1',
    'work done: take the finalizer off the claim',
    'life done: the end: nothing of the claim is mounted any more',
  ],
};

it.each(Object.entries(STORIES))('tells of %s', (name, story) => {
  expect(tell(buildTimeline(readHistory(name)))).toEqual(story);
});

it.each([
  ['whole-life', 'Completed'],
  ['object-lost', 'Failed'],
  ['continued-as-new-first-run', 'ContinuedAsNew'],
])('says how the run of %s ended', (name, status) => {
  expect(readRunStatus(readHistory(name))).toBe(status);
});

it('joins signals that follow each other and say no more than that something has changed', () => {
  const titles = buildTimeline(readHistory('continued-as-new-first-run')).map(({ title }) => title);
  expect(titles).toEqual([
    'claim shop/pictures was seen',
    'look: 1 pod matches',
    'attach s3 photos in 1 pod on node1',
    'status written: Attached in 1 of 1 pods',
    'asked to look again',
    'look: 1 pod matches',
    expect.stringMatching(/^asked to look again, \d+ times$/),
    'look: 1 pod matches',
    expect.stringMatching(/^asked to look again, \d+ times$/),
    'look: 1 pod matches',
    'goes on in a new history, because this one is long',
  ]);
});

it('says of a run that goes on from another one that it does', () => {
  expect(tell(buildTimeline(readHistory('continued-as-new'))).slice(0, 3)).toEqual([
    'life done: goes on with claim shop/pictures | the history before this one had become long: earlier steps are in run 10c64c22-bbdd-4387-a62a-9c5cdbd36a5f',
    'look done: look: 1 pod matches',
    'signal done: asked to look again',
  ]);
});

describe('of every history that is kept', () => {
  const names = ['two-nodes', 'flushing', 'mountpoint-lost', 'remounted', 'edited-ten-times'];

  it.each(names)(
    'ids of %s ascend, times do not go back behind their begin, and all has ended',
    (name) => {
      const entries = buildTimeline(readHistory(name));
      const ids = entries.map(({ eventId }) => eventId);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      const firstAt = entries[0]?.at ?? '';
      for (const { at, outcome } of entries) {
        expect(at >= firstAt).toBe(true);
        expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
        expect(outcome).not.toBe('open');
      }
    },
  );

  it.each(names)('%s reads the same as protobuf JSON', (name) => {
    const history = readHistory(name);
    const json = JSON.parse(JSON.stringify(toProtobufJson(history))) as object;
    expect(buildTimeline(json)).toEqual(buildTimeline(history));
  });
});

it('leaves open what goes on when the history ends', () => {
  const { events = [] } = readHistory('slow-attach');
  const begun = { events: (events ?? []).slice(0, 7) };
  expect(readRunStatus(begun)).toBe('Running');
  const last = buildTimeline(begun).at(-1);
  expect(last).toMatchObject({ outcome: 'open', title: 'attach s3 photos in 1 pod on node1' });
  expect(last).not.toHaveProperty('durationMs');
});

it.each([
  { failure: { message: 'activity StartToClose timeout', cause: { message: 'host gone' } } },
  { failure: { cause: { message: 'activity StartToClose timeout: host gone' } } },
])('tells why an activity failed, and what caused it (%#)', ({ failure }) => {
  const { events = [] } = readHistory('whole-life');
  const failed = {
    eventId: '8',
    eventTime: '2026-11-22T00:25:10.197125461Z',
    activityTaskTimedOutEventAttributes: { scheduledEventId: '7', failure },
  };
  const last = buildTimeline({ events: [...(events ?? []).slice(0, 7), failed] }).at(-1);
  expect(last).toMatchObject({
    outcome: 'failed',
    detail: 'activity StartToClose timeout: host gone',
  });
});

it('takes no harm from a history that it does not understand', () => {
  expect(buildTimeline({})).toEqual([]);
  expect(buildTimeline({ events: null })).toEqual([]);
  const strange = [
    { eventId: '1', workflowExecutionStartedEventAttributes: { input: { payloads: [{}] } } },
    { eventId: '2', markerRecordedEventAttributes: { markerName: 'core_local_activity' } },
    { eventId: '3', activityTaskCompletedEventAttributes: { scheduledEventId: '99' } },
    { eventId: '4', somethingNewEventAttributes: {} },
    { eventId: '5' },
  ];
  expect(buildTimeline({ events: strange })).toHaveLength(2);
});

/** What Temporal's tools print: bytes are base64, times RFC 3339, 64-bit integers strings. */
function toProtobufJson(value: unknown, key = ''): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((one) => toProtobufJson(one));
  if (typeof value !== 'object' || value === null) return key === 'eventId' ? String(value) : value;
  const { seconds, nanos = 0 } = value as { seconds?: number; nanos?: number };
  if (seconds !== undefined && key === 'eventTime') {
    const text = new Date(seconds * 1_000).toISOString().slice(0, 19);
    return `${text}.${String(nanos).padStart(9, '0')}Z`;
  }
  if (seconds !== undefined && key.endsWith('Timeout')) return `${seconds + nanos / 1e9}s`;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, toProtobufJson(field, name)]),
  );
}
