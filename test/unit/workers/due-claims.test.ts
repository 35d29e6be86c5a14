// Is a claim that its workflow may never have heard of noticed, and no other?
import { describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { DueClaims } from '../../../workers/due-claims.ts';
import { aClaim, aPod } from '../../builders/objects.ts';

const MINUTE_MS = 60_000;
const pod = aPod();
const served: NonNullable<DynamicVolumeClaim['status']> = {
  observedGeneration: 1,
  matched: 1,
  attached: 1,
  pods: [{ name: pod.name, uid: pod.uid, state: 'Attached' }],
};

/** What is found due at the beginning and after each time, in minutes. */
function look(claim: DynamicVolumeClaim, pods: PodView[], minutes: number[]): boolean[] {
  const due = new DueClaims();
  const view = { claims: () => [claim], podsIn: () => pods };
  return [0, ...minutes].map((at) => due.list(view, at * MINUTE_MS).length > 0);
}

describe('a claim', () => {
  it.each([
    { title: 'that is served', claim: aClaim({ status: served }), pods: [pod], due: false },
    { title: 'without a status', claim: aClaim(), pods: [pod], due: true },
    {
      title: 'under deletion',
      claim: aClaim({ status: served, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      pods: [pod],
      due: true,
    },
    {
      title: 'that was edited',
      claim: aClaim({ status: served, metadata: { generation: 2 } }),
      pods: [pod],
      due: true,
    },
    {
      title: 'that another pod matches',
      claim: aClaim({ status: served }),
      pods: [pod, aPod({ name: 'web-2', uid: 'uid-web-2' })],
      due: true,
    },
    { title: 'whose pod is gone', claim: aClaim({ status: served }), pods: [], due: true },
    {
      title: 'whose pod ends',
      claim: aClaim({ status: served }),
      pods: [aPod({ terminating: true })],
      due: true,
    },
    {
      title: 'whose pod has started since',
      claim: aClaim({
        status: { ...served, pods: [{ name: pod.name, uid: pod.uid, state: 'Pending' }] },
      }),
      pods: [pod],
      due: true,
    },
    {
      title: 'whose pod has not started',
      claim: aClaim({
        status: { ...served, pods: [{ name: pod.name, uid: pod.uid, state: 'Pending' }] },
      }),
      pods: [aPod({ sandboxReady: false })],
      due: false,
    },
  ])('$title is due after a minute: $due', ({ claim, pods, due }) => {
    expect(look(claim, pods, [0.9, 1])).toEqual([false, false, due]);
  });

  it('is due ever more seldom, at least once an hour', () => {
    const minutes = Array.from({ length: 300 }, (_, i) => i + 1);

    const found = look(aClaim(), [pod], minutes).flatMap((due, at) => (due ? [at] : []));

    expect(found).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('begins anew with its next change', () => {
    const due = new DueClaims();
    let claim = aClaim({ status: served, metadata: { generation: 2 } });
    const list = (minute: number) =>
      due.list({ claims: () => [claim], podsIn: () => [pod] }, minute * MINUTE_MS).length;
    expect([list(0), list(1), list(2)]).toEqual([0, 1, 0]);

    claim = aClaim({ status: served, metadata: { generation: 3 } });

    expect([list(2.5), list(3), list(3.5)]).toEqual([0, 0, 1]);
  });
});
