// Is the right step planned for every state of a mountpoint?
import { describe, expect, test } from 'vitest';
import type { AttachTarget } from '../../../api/node-agent.ts';
import { findVolumeRoot, planAttach } from '../../../csi-node/attach-plan.ts';
import type { MountRow } from '../../../csi-node/mountinfo.ts';

const ROOT = '/var/lib/dynamic/xvols/class/uuid/pod-1';
const source = { key: 'aa.11', device: '0:50' };
const target: AttachTarget = {
  podUid: 'pod-1',
  mountpoint: 'data',
  readOnly: false,
  replacesSourceKey: 'aa.00',
};

const row = (change: Partial<MountRow>): MountRow => ({
  id: 2,
  parentId: 1,
  device: source.device,
  root: '/',
  mountpoint: `${ROOT}/data`,
  readOnly: false,
  peerGroup: 5,
  master: undefined,
  type: 'fuse.rclone',
  source: source.key,
  ...change,
});
const volumeRoot = row({ id: 1, parentId: 0, mountpoint: ROOT, type: 'ext4', source: '/dev/vda' });

describe('planAttach', () => {
  test.for<[string, Partial<MountRow>[], Partial<AttachTarget>, string]>([
    ['nothing is there', [], {}, 'attach'],
    ['the source is there', [{}], {}, 'nothing'],
    ['a dead predecessor is there', [{ device: '0:49' }], {}, 'swap'],
    ['it is read-write and shall be read-only', [{}], { readOnly: true }, 'swap'],
    ['it is read-only and shall be read-write', [{ readOnly: true }], {}, 'swap'],
    ['it is read-only and shall be so', [{ readOnly: true }], { readOnly: true }, 'nothing'],
    ['the former source is there', [{ source: 'aa.00' }], {}, 'swap'],
    ['another source is there', [{ source: 'bb.22' }], {}, 'occupied'],
    [
      'another source is there and none may be replaced',
      [{ source: '' }],
      { replacesSourceKey: '' },
      'occupied',
    ],
    ['a foreign mount of that name is there', [{ type: 'tmpfs' }], {}, 'occupied'],
    ['a swap was interrupted', [{}, { id: 3, parentId: 2, device: '0:49' }], {}, 'finishSwap'],
    [
      'another claim is above',
      [{ mountpoint: `${ROOT}/a`, source: 'b' }],
      { mountpoint: 'a/b' },
      'occupied',
    ],
    ['another claim is below', [{ mountpoint: `${ROOT}/data/x` }], {}, 'occupied'],
    ['a neighbour has a longer name', [{ mountpoint: `${ROOT}/data2` }], {}, 'attach'],
    ['the pod is another', [], { podUid: 'pod-2' }, 'volumeRootMissing'],
  ])('when %s', ([, rows, change, kind]) => {
    const mounts = [volumeRoot, ...rows.map(row)];
    expect(planAttach(mounts, { ...target, ...change }, source).kind).toBe(kind);
  });

  test('names the other mountpoint in a conflict', () => {
    const mounts = [volumeRoot, row({ mountpoint: `${ROOT}/data/x` })];
    expect(planAttach(mounts, target, source)).toMatchObject({
      message: expect.stringContaining('data/x'),
    });
  });
});

describe('findVolumeRoot', () => {
  test('finds the host volume dir, not the target path or a clone', () => {
    const mounts = [
      row({ mountpoint: `/var/lib/kubelet/pods/pod-1/volumes/x/y/mount` }),
      row({}),
      volumeRoot,
    ];
    expect(findVolumeRoot(mounts, 'pod-1')).toEqual(volumeRoot);
    expect(findVolumeRoot(mounts, 'pod-2')).toBeUndefined();
  });
});
