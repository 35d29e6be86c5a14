// Does a claim's history read from top to bottom, with how long each step took and how it went?
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../cli/output/style.ts';
import { formatTimeline } from '../../../../cli/output/timeline.ts';
import type { Timeline, TimelineEntry } from '../../../../console/model/views.ts';

function aTimeline(entries: TimelineEntry[], status = 'Running'): Timeline {
  return { workflowId: 'dvc/shop/pictures/1', status, entries };
}

function anEntry(changes: Partial<TimelineEntry> = {}): TimelineEntry {
  const at = '2026-01-01T00:00:00.123Z';
  return {
    eventId: 1,
    at,
    kind: 'work',
    title: 'attach 1 pod on node1',
    outcome: 'done',
    ...changes,
  };
}

function draw(timeline: Timeline): string[] {
  return formatTimeline(timeline, createStyle(false)).split('\n');
}

describe('a history', () => {
  it('has a line for each step, and one for each day', () => {
    const entries = [
      anEntry({ title: 'claim seen', kind: 'life' }),
      anEntry({ durationMs: 42 }),
      anEntry({
        at: '2026-01-02T23:59:59.000Z',
        outcome: 'failed',
        durationMs: 1_500,
        attempt: 3,
        detail: 'DNSFailed\nno such host',
      }),
      anEntry({ at: '2026-01-02T23:59:59.900Z', outcome: 'open', title: 'wait' }),
    ];
    expect(draw(aTimeline(entries))).toEqual([
      '2026-01-01 UTC',
      '00:00:00.123            ● claim seen',
      '00:00:00.123     42 ms  ✓ attach 1 pod on node1',
      '2026-01-02 UTC',
      '23:59:59.000     1.5 s  ✗ attach 1 pod on node1 (attempt 3)',
      '                          DNSFailed',
      '                          no such host',
      '23:59:59.900            … wait',
      '',
      'Workflow dvc/shop/pictures/1 goes on.',
    ]);
  });

  it('says how it ended, and where its page is', () => {
    const timeline = { ...aTimeline([], 'Completed'), url: 'https://temporal.example.com/x' };
    expect(draw(timeline).slice(-2)).toEqual([
      'Workflow dvc/shop/pictures/1 ended: Completed.',
      'https://temporal.example.com/x',
    ]);
  });
});
