// Does a status keep its times, and reach only the claim that it is about?
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../api/conditions.ts';
import { buildConditions, writeClaimStatus } from '../../../activities/claim-status.ts';
import type { ClaimStatusDraft } from '../../../activities/contract.ts';
import { withStartProblem } from '../../../activities/interim-status.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, CLAIM } from '../../builders/objects.ts';

const ready = {
  type: 'Ready' as const,
  status: 'False' as const,
  reason: 'Attaching',
  message: 'soon',
  observedGeneration: 1,
};
const draft: ClaimStatusDraft = {
  observedGeneration: 1,
  provider: 's3',
  matched: 1,
  attached: 0,
  failed: 0,
  notInjected: 0,
  attachedOfMatched: '0/1',
  conditions: [ready],
  pods: [],
};
const settings = {
  mountPodImage: 'image',
  temporalNamespace: 'dynamic volume',
  temporalUiUrl: 'http://ui.example/',
};

describe('buildConditions', () => {
  const former: Condition[] = [{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const now = new Date('2026-01-02T03:04:05.678Z');

  it.each([
    ['keeps the time while the status stays', { reason: 'Other' }, '2026-01-01T00:00:00Z'],
    ['takes the time when the status changes', { status: 'True' as const }, '2026-01-02T03:04:05Z'],
  ])('%s', (_title, change, time) => {
    const [condition] = buildConditions([{ ...ready, ...change }], former, now);

    expect(condition?.lastTransitionTime).toBe(time);
  });
});

describe('writeClaimStatus', () => {
  it('links the workflow', async () => {
    const cluster = new FakeCluster();
    cluster.put(aClaim());

    await writeClaimStatus({ ...cluster, settings }, CLAIM, draft);

    expect(cluster.statuses[0]?.workflow).toEqual({
      id: 'dvc/shop/pictures/claim-uid',
      url: 'http://ui.example/namespaces/dynamic%20volume/workflows/dvc%2Fshop%2Fpictures%2Fclaim-uid',
    });
  });

  it.each([
    ['is gone', undefined],
    ['is another one of the same name', aClaim({ metadata: { uid: 'other' } })],
  ])('succeeds when the claim %s', async (_what, claim) => {
    const cluster = new FakeCluster();
    if (claim) cluster.put(claim);

    await writeClaimStatus({ ...cluster, settings }, CLAIM, draft);

    expect(cluster.statuses).toEqual([]);
  });
});

describe('withStartProblem', () => {
  it('gives the trouble of the mount pod as the reason', () => {
    const status = withStartProblem(draft, 'Mount pod x does not start');

    expect(status.conditions[0]).toMatchObject({
      status: 'False',
      reason: 'MountPodNotReady',
      message: 'Mount pod x does not start',
    });
    expect(withStartProblem(draft, undefined)).toEqual(draft);
  });
});
