// What rate follows from two looks?
import { describe, expect, it } from 'vitest';
import { buildRates } from '../../../cli/mount-rates.ts';
import type { MountStatistics } from '../../../console/model/views.ts';

function aMount(changes: Partial<MountStatistics> = {}): MountStatistics {
  return {
    namespace: 'shop',
    claim: 'pictures',
    pod: 'web-1',
    node: 'node1',
    mountpoint: '/data',
    mountPod: 's3-1',
    transferredBytes: 1_000,
    errors: 0,
    openFiles: 0,
    cachedBytes: 0,
    pendingUploads: 0,
    at: '2026-01-01T00:00:00Z',
    ...changes,
  };
}

const LATER = '2026-01-01T00:00:02Z';

describe('the rate of a mount', () => {
  it('is what was moved in the time between', () => {
    const after = aMount({ transferredBytes: 5_000, at: LATER });
    expect(buildRates([aMount()], [after])).toEqual([{ ...after, bytesPerSecond: 2_000 }]);
  });

  it.each<[string, MountStatistics[], Partial<MountStatistics>]>([
    ['is new', [], {}],
    ['has another mount pod', [aMount()], { mountPod: 's3-2', transferredBytes: 9_000 }],
    ['has a client that began anew', [aMount()], { transferredBytes: 10 }],
    ['was told by the same look', [aMount()], { at: '2026-01-01T00:00:00Z' }],
  ])('is not known of one that %s', (_case, before, changes) => {
    const [rate] = buildRates(before, [aMount({ at: LATER, ...changes })]);
    expect(rate).not.toHaveProperty('bytesPerSecond');
  });
});

it('mounts are told the fastest first, then by name; what is gone is not', () => {
  const before = ['a', 'b', 'c', 'gone'].map((claim) => aMount({ claim }));
  const after = [
    aMount({ claim: 'c', at: LATER }),
    aMount({ claim: 'a', at: LATER }),
    aMount({ claim: 'b', at: LATER, transferredBytes: 2_000 }),
  ];
  expect(buildRates(before, after).map(({ claim }) => claim)).toEqual(['b', 'a', 'c']);
});
