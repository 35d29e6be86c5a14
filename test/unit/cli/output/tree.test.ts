// Does the tree of a claim show every pod, node and mount pod once, with its state?
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../cli/output/style.ts';
import { formatTree } from '../../../../cli/output/tree.ts';
import { buildTopology } from '../../../../console/model/topology.ts';
import type { ClaimDetail } from '../../../../console/model/views.ts';
import { aDetail } from '../../../builders/claim-detail.ts';

function draw(changes: Partial<ClaimDetail>, hasColours = false): string[] {
  const topology = buildTopology(aDetail(changes));
  return formatTree(topology, createStyle(hasColours)).split('\n');
}

const [MOUNT_POD] = aDetail().mountPods;

describe('a tree', () => {
  it('has the claim, its pods by node, and the mount pod of each', () => {
    const pods: ClaimDetail['pods'] = [
      {
        name: 'web-3',
        uid: '3',
        state: 'Pending',
        reason: 'PodStarting',
        message: 'is not scheduled',
      },
      { name: 'web-2', uid: '2', node: 'node2', state: 'NotInjected', reason: 'NotInjected' },
      { name: 'web-1', uid: '1', node: 'node1', state: 'Attached' },
    ];
    expect(draw({ pods, phase: 'Failed', morePods: 7 })).toEqual([
      'claim shop/pictures  Failed  photos/raw at /data',
      '├─ node node1',
      '│  └─ pod web-1  Attached',
      '│     └─ mount pod s3-web-1  Running',
      '├─ node node2',
      '│  └─ pod web-2  NotInjected',
      '├─ on no node yet',
      '│  └─ pod web-3  Pending (PodStarting)  is not scheduled',
      '└─ and 7 more pods',
    ]);
  });

  it('shows a shared mount pod beneath each of its pods, and an idle one beneath its node', () => {
    const pods = ['a', 'b'].map((name) => ({
      name,
      uid: name,
      node: 'node1',
      state: 'Attached' as const,
    }));
    const shared = { ...MOUNT_POD!, shared: true, pods: ['a', 'b'] };
    const idle = { ...MOUNT_POD!, name: 's3-old', uid: 'old', state: 'Ending', pods: [] };
    expect(draw({ pods, mountPods: [shared, idle] }).slice(1)).toEqual([
      '└─ node node1',
      '   ├─ pod a  Attached',
      '   │  └─ mount pod s3-web-1 (shared)  Running',
      '   ├─ pod b  Attached',
      '   │  └─ mount pod s3-web-1 (shared)  Running',
      '   └─ mount pod s3-old  Ending',
    ]);
  });

  it('says when there are no pods', () => {
    expect(draw({ pods: [], mountPods: [] })).toEqual([
      'claim shop/pictures  Ready  photos/raw at /data',
      '└─ no pods',
    ]);
  });

  it('marks a mount pod that does not run although the pod has the storage', () => {
    const line = draw({ mountPods: [{ ...MOUNT_POD!, state: 'Evicted' }] }, true).at(-1);
    expect(line).toContain('\u001B[31mEvicted\u001B[0m');
  });

  it('shows what would change the terminal', () => {
    const pods = [{ name: 'a', uid: 'a', state: 'Failed' as const, message: '\u001B]0;x\u0007' }];
    expect(draw({ pods, mountPods: [] }).at(-1)).toBe('   └─ pod a  Failed  ^[]0;x^G');
  });
});
