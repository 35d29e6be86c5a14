// Is only removed what two looks agree on, and never too much at once?
import { describe, expect, it } from 'vitest';
import type { DriftLook, Orphan } from '../../../activities/contract.ts';
import { planAudit } from '../../../workflows/audit-plan.ts';
import { CLAIM, KEY_A, KEY_B } from '../../builders/objects.ts';

const mount: Orphan = {
  node: 'node1',
  kind: 'mount',
  sourceKey: KEY_A,
  podUid: 'p',
  mountpoint: 'data',
};
const source: Orphan = { node: 'node1', kind: 'source', sourceKey: KEY_A };
const mountPod: Orphan = { node: 'node1', kind: 'mountPod', mountPodUid: 'u', mountPodName: 'n' };

function aLook(orphans: Orphan[], mounts = 100, changes: Partial<DriftLook> = {}): DriftLook {
  return { mounts, unreachableNodes: [], orphans, missing: [], ...changes };
}

const orphanMounts = (count: number): Orphan[] =>
  Array.from({ length: count }, (_, index) => ({ ...mount, podUid: `p${index}` }));

describe('planAudit', () => {
  it.each<[string, Orphan[], Orphan[] | undefined, Orphan[]]>([
    ['in the first look', [mount, source, mountPod], undefined, []],
    ['in this look alone', [mount], [], []],
    [
      'in both looks',
      [mount, source, mountPod],
      [mountPod, source, mount],
      [mount, source, mountPod],
    ],
    ['in the former look alone', [], [mount], []],
    ['at the same place, of another source', [mount], [{ ...mount, sourceKey: KEY_B }], []],
    ['of another pod', [mount], [{ ...mount, podUid: 'q' }], []],
    ['on another node', [source], [{ ...source, node: 'node2' }], []],
    ['of another kind', [source], [mount], []],
  ])('decides on an orphan %s', (_what, orphans, suspects, remove) => {
    const former = suspects && { suspects };

    expect(planAudit({ look: aLook(orphans), former })).toMatchObject({ kind: 'repair', remove });
  });

  it.each<[number, number, string]>([
    [4, 4, 'repair'],
    [5, 50, 'repair'],
    [5, 49, 'alarm'],
    [10, 100, 'repair'],
    [11, 100, 'alarm'],
    [100, 10_000, 'repair'],
  ])('with %i orphans of %i mounts: %s', (count, mounts, kind) => {
    const orphans = orphanMounts(count);

    expect(planAudit({ look: aLook(orphans, mounts), former: { suspects: orphans } }).kind).toBe(
      kind,
    );
  });

  it('counts as removal only what is mounted in pods', () => {
    const sources = Array.from({ length: 50 }, (_, index) => ({
      ...source,
      sourceKey: `${KEY_A}${index}`,
    }));

    const plan = planAudit({ look: aLook(sources, 0), former: { suspects: sources } });

    expect(plan).toMatchObject({ kind: 'repair', remove: sources });
  });

  it('says how much it would have removed, where, and what to do', () => {
    const orphans = [...orphanMounts(5), { ...mount, node: 'node2' }];

    expect(planAudit({ look: aLook(orphans, 20), former: { suspects: orphans } })).toEqual({
      kind: 'alarm',
      message:
        'The drift audit removes nothing: no claim accounts for 6 of 20 mounts on node1, node2, and more than 10 % at once may be a mistake; restore the claims that are missing, or delete the pods that still have the mounts',
    });
  });

  it('has claims without their mount look again at once', () => {
    const look = aLook([], 100, { missing: [CLAIM] });

    expect(planAudit({ look, former: undefined })).toEqual({
      kind: 'repair',
      remove: [],
      recheck: [CLAIM],
    });
  });
});
