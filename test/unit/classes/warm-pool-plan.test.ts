// Do pools have what they shall have, no more and no less?
import { describe, expect, it } from 'vitest';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../../api/names.ts';
import { planWarmPools } from '../../../classes/warm-pool-plan.ts';
import type { Pool } from '../../../classes/warm-pool-plan.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { aPod, PARAMETERS } from '../../builders/objects.ts';

function aPool(namePrefix: string, size: number): Pool {
  const place = { provider: 's3' as const, node: 'node1', className: 'c', parameters: PARAMETERS };
  return { place, namePrefix, size };
}

function warm(name: string, changes: Partial<PodView> = {}): PodView {
  const labels = { [MOUNT_POD_LABELS.warmPool]: 'key' };
  return aPod({ name, namespace: MOUNT_NAMESPACE, labels, ...changes });
}

const taken = (name: string) => warm(name, { labels: { [MOUNT_POD_LABELS.sharingKey]: 'k' } });

describe('planWarmPools', () => {
  it.each<[string, Pool[], PodView[], number[], string[]]>([
    ['nobody wants any', [], [], [], []],
    ['none is there', [aPool('a-', 2)], [], [1, 2], []],
    ['one is missing', [aPool('a-', 2)], [warm('a-1')], [2], []],
    ['all are there', [aPool('a-', 2)], [warm('a-1'), warm('a-2')], [], []],
    ['one starts', [aPool('a-', 1)], [warm('a-1', { ready: false })], [], []],
    ['one was taken', [aPool('a-', 1)], [taken('a-1')], [2], []],
    ['one is terminating', [aPool('a-', 1)], [warm('a-1', { terminating: true })], [2], []],
    ['one has ended', [aPool('a-', 1)], [warm('a-1', { phase: 'Failed' })], [2], ['a-1']],
    ['there is one too many', [aPool('a-', 1)], [warm('a-1'), warm('a-2')], [], ['a-2']],
    [
      'the one too many is ready and the other not',
      [aPool('a-', 1)],
      [warm('a-1', { ready: false }), warm('a-2')],
      [],
      ['a-1'],
    ],
    ['the class has changed', [aPool('b-', 1)], [warm('a-1')], [1], ['a-1']],
    ['the last pod of the class has gone', [], [warm('a-1'), taken('a-2')], [], ['a-1']],
    ['another class has its own', [aPool('a-', 1), aPool('b-', 1)], [warm('b-1')], [1], []],
  ])('when %s', (_title, pools, mountPods, ordinals, removed) => {
    const { create, remove } = planWarmPools(pools, mountPods);

    expect(create.map(({ ordinal }) => ordinal)).toEqual(ordinals);
    expect(remove.map((pod) => pod.name)).toEqual(removed);
  });
});
