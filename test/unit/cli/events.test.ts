// Which Events tell of a claim, and when?
import { describe, expect, it } from 'vitest';
import { readCount, readLastSeen, sortByLastSeen, tellsOf } from '../../../cli/events.ts';
import type { EventObject, EventSubjects } from '../../../cli/events.ts';

function anEvent(changes: Partial<EventObject> = {}): EventObject {
  const metadata = {
    namespace: 'shop',
    name: 'e',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:01Z',
  };
  return { metadata, regarding: { kind: 'DynamicVolumeClaim', name: 'pictures' }, ...changes };
}

describe('an Event', () => {
  it.each<[string, Partial<EventObject>, string, number]>([
    [
      'that was repeated',
      {
        eventTime: '2026-01-01T00:00:02Z',
        series: { count: 7, lastObservedTime: '2026-01-01T00:00:03Z' },
      },
      '2026-01-01T00:00:03Z',
      7,
    ],
    ['that was seen once', { eventTime: '2026-01-01T00:00:02Z' }, '2026-01-01T00:00:02Z', 1],
    [
      'of an older component',
      { eventTime: null, deprecatedCount: 3, deprecatedLastTimestamp: '2026-01-01T00:00:04Z' },
      '2026-01-01T00:00:04Z',
      3,
    ],
    ['that has no time but its own', { eventTime: null }, '2026-01-01T00:00:01Z', 1],
  ])('%s', (_case, changes, at, count) => {
    expect(readLastSeen(anEvent(changes))).toBe(at);
    expect(readCount(anEvent(changes))).toBe(count);
  });

  it('that came last stands last', () => {
    const old = anEvent({ eventTime: '2026-01-01T00:00:02Z' });
    const young = anEvent({ eventTime: '2026-01-01T00:00:03.5Z' });
    expect(sortByLastSeen([young, old])).toEqual([old, young]);
  });
});

describe('an Event tells of', () => {
  const subjects: EventSubjects = {
    claims: new Set(['shop/pictures']),
    pods: new Set(['shop/web-1']),
  };

  it.each<[string, EventObject['regarding'], EventSubjects | undefined, boolean]>([
    ['the claim', { kind: 'DynamicVolumeClaim', name: 'pictures' }, subjects, true],
    ['another claim', { kind: 'DynamicVolumeClaim', name: 'models' }, subjects, false],
    [
      'a claim of this name in another namespace',
      { kind: 'DynamicVolumeClaim', namespace: 'lab', name: 'pictures' },
      subjects,
      false,
    ],
    ['its pod', { kind: 'Pod', name: 'web-1' }, subjects, true],
    ['another pod', { kind: 'Pod', name: 'db-1' }, subjects, false],
    [
      'a Deployment with the name of the claim',
      { kind: 'Deployment', name: 'pictures' },
      subjects,
      false,
    ],
    ['any claim, where all are meant', { kind: 'DynamicVolumeClaim', name: 'x' }, undefined, true],
    ['a pod, where all claims are meant', { kind: 'Pod', name: 'web-1' }, undefined, false],
    ['nothing', undefined, subjects, false],
  ])('%s', (_case, regarding, wanted, isMeant) => {
    const event = anEvent();
    delete event.regarding;
    expect(tellsOf({ ...event, ...(regarding ? { regarding } : {}) }, wanted)).toBe(isMeant);
  });
});
