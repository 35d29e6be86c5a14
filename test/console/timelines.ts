// What has happened to the claims of the pictures?
import type { TimelineEntry } from '../../console/model/views.ts';

type Step = Pick<TimelineEntry, 'kind' | 'title'> & Partial<TimelineEntry>;

function buildEntries(steps: Step[]): TimelineEntry[] {
  return steps.map((step, index) => ({
    eventId: 1 + 3 * index,
    at: '2026-03-02T09:12:40.000Z',
    outcome: 'done',
    ...step,
  }));
}

export function buildAttachEntries(): TimelineEntry[] {
  const [began, remounted] = ['2026-02-27T14:02', '2026-03-02T09:12'];
  const where = 's3 vision-datasets/2026';
  return buildEntries([
    { kind: 'life', title: 'claim research/training-images was seen', at: `${began}:11.310Z` },
    { kind: 'look', title: 'look: 3 pods match', at: `${began}:11.342Z` },
    {
      kind: 'work',
      title: `attach ${where} in 2 pods on node1`,
      at: `${began}:11.371Z`,
      durationMs: 742,
      detail: 'trainer-0, trainer-1',
    },
    {
      kind: 'work',
      title: `attach ${where} in 1 pod on node2`,
      at: `${began}:11.372Z`,
      durationMs: 1_310,
      detail: 'trainer-2',
    },
    { kind: 'status', title: 'status written: Attached in 3 of 3 pods', at: `${began}:12.690Z` },
    {
      kind: 'update',
      title: 'remount asked for',
      at: `${remounted}:39.800Z`,
      detail: 'A fresh source is mounted beneath the present one; open files stay readable',
    },
    {
      kind: 'work',
      title: `swap in ${where} beneath what serves in 2 pods on node1`,
      durationMs: 131,
    },
    {
      kind: 'work',
      title: `swap in ${where} beneath what serves in 1 pod on node2`,
      durationMs: 118,
    },
    {
      kind: 'status',
      title: 'status written: Attached in 3 of 4 pods',
      at: `${remounted}:40.260Z`,
    },
  ]);
}

export function buildFailureEntries(why: string): TimelineEntry[] {
  const minute = '2026-03-02T09:12';
  return buildEntries([
    { kind: 'life', title: 'claim research/labels was seen', at: `${minute}:38.100Z` },
    { kind: 'look', title: 'look: 1 pod matches', at: `${minute}:38.120Z` },
    {
      kind: 'work',
      title: 'attach s3 labels-2025 in 1 pod on node1',
      at: `${minute}:38.140Z`,
      outcome: 'failed',
      durationMs: 890,
      detail: why,
    },
    { kind: 'status', title: 'status written: Failed, 0 of 1 pods attached' },
    {
      kind: 'timer',
      title: 'wait 5 minutes until the next try',
      at: `${minute}:41.000Z`,
      outcome: 'open',
    },
  ]);
}

export function buildMovingEntries(): TimelineEntry[] {
  const minute = '2026-03-02T09:29';
  return buildEntries([
    { kind: 'life', title: 'claim shop/inbox was seen', at: '2026-03-01T17:40:02.000Z' },
    { kind: 'signal', title: 'asked to look again', at: `${minute}:52.000Z` },
    { kind: 'look', title: 'look: 2 pods match', at: `${minute}:52.040Z` },
    {
      kind: 'work',
      title: 'attach s3 vision-datasets/2026 in 1 pod on node2',
      at: `${minute}:52.080Z`,
      outcome: 'open',
      detail: 'ingest-1',
    },
  ]);
}
