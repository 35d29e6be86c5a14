// Are Events what the API server takes, and not more than there is to tell?
import { describe, expect, it } from 'vitest';
import { buildEvent, recordEvents, refersToClaim } from '../../../activities/events.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { CLAIM } from '../../builders/objects.ts';

const now = new Date('2026-01-02T03:04:05.678Z');
const event = { type: 'Warning' as const, reason: 'AttachFailed', message: 'no' };

describe('buildEvent', () => {
  it('has the fields that events.k8s.io/v1 requires', () => {
    expect(buildEvent(refersToClaim(CLAIM), event, now)).toMatchObject({
      eventTime: '2026-01-02T03:04:05.678000Z',
      action: 'Reconcile',
      reportingController: expect.stringMatching(/./),
      reportingInstance: expect.stringMatching(/./),
      regarding: { kind: 'DynamicVolumeClaim', name: 'pictures', uid: 'claim-uid' },
    });
  });

  it('is of the namespace default when it regards what is in no namespace', () => {
    const cls = { apiVersion: 'v1', kind: 'StorageProviderClass', name: 'fast', uid: 'u' };

    expect(buildEvent(cls, event, now).metadata.namespace).toBe('default');
  });

  it('is the same Event when only the figures of its topic differ', () => {
    const build = (message: string, topic: string) =>
      buildEvent(refersToClaim(CLAIM), { ...event, message }, now, topic).metadata.name;

    expect(build('80 of 100', 'pod-1')).toBe(build('90 of 110', 'pod-1'));
    expect(build('80 of 100', 'pod-1')).not.toBe(build('80 of 100', 'pod-2'));
  });

  it('cuts a note that is too long', () => {
    const long = { ...event, message: 'x'.repeat(5_000) };

    expect(buildEvent(refersToClaim(CLAIM), long, now).note).toHaveLength(1_024);
  });
});

describe('recordEvents', () => {
  it('counts a repetition instead of making another Event', async () => {
    const cluster = new FakeCluster();
    const deps = { kubernetes: cluster.kubernetes, eventCounts: new Map<string, number>() };
    const record = () =>
      recordEvents(deps, [buildEvent(refersToClaim(CLAIM), event, now)], () => {});

    await record();
    await record();
    await record();

    const [recorded, ...others] = cluster.events.values();
    expect(others).toEqual([]);
    expect(recorded?.series?.count).toBe(3);
  });

  it('does not fail when the API server is away', async () => {
    const cluster = new FakeCluster();
    cluster.isDown = true;
    const warnings: string[] = [];

    const deps = { kubernetes: cluster.kubernetes, eventCounts: new Map<string, number>() };
    await recordEvents(deps, [buildEvent(refersToClaim(CLAIM), event, now)], (text) =>
      warnings.push(text),
    );

    expect(warnings).toEqual(['Could not record an Event']);
  });
});
