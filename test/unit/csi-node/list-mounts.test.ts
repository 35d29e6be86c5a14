// Is the mount table told in words of the agent API?
import { expect, test } from 'vitest';
import { listMounts } from '../../../csi-node/list-mounts.ts';
import type { MountRow } from '../../../csi-node/mountinfo.ts';

const row = (id: number, mountpoint: string, change: Partial<MountRow> = {}): MountRow => ({
  ...{ id, parentId: 0, device: '0:58', root: '/', mountpoint, readOnly: false },
  ...{ peerGroup: undefined, master: undefined, type: 'fuse.rclone', source: 'aa.11' },
  ...change,
});

const ROOT = '/var/lib/dynamic/xvols/class/uuid/pod-1';
const TARGET = '/var/lib/kubelet/pods/pod-1/volumes/kubernetes.io~csi/root/mount';
const volumeRoot = row(1, ROOT, { type: 'ext4', source: '/dev/vda' });

test('tells each mountpoint once, by its top layer, and nothing of the copies at the target path', () => {
  const mounts = [
    volumeRoot,
    row(2, TARGET, { type: 'ext4', source: '/dev/vda' }),
    row(3, `${ROOT}/data`, { parentId: 1 }),
    row(4, `${ROOT}/data`, { parentId: 3, source: 'aa.22', readOnly: true }),
    row(5, `${TARGET}/data`),
    row(6, `${ROOT}/a/b`, { parentId: 1 }),
    row(7, '/var/lib/dynamic/stage/aa.11'),
    row(8, '/var/lib/dynamic/stage/aa.22'),
  ];

  expect(listMounts(mounts)).toEqual({
    mounts: [
      { podUid: 'pod-1', mountpoint: 'data', sourceKey: 'aa.22', readOnly: true },
      { podUid: 'pod-1', mountpoint: 'a/b', sourceKey: 'aa.11', readOnly: false },
    ],
    stagedSourceKeys: ['aa.11', 'aa.22'],
    publishedPodUids: ['pod-1'],
  });
});

test('tells nothing of a foreign file system in a volume root', () => {
  const mounts = [volumeRoot, row(2, `${ROOT}/data`, { parentId: 1, type: 'tmpfs' })];
  expect(listMounts(mounts).mounts).toEqual([]);
});

test('tells of a pod without mounts that it is published', () => {
  expect(listMounts([volumeRoot])).toMatchObject({ mounts: [], publishedPodUids: ['pod-1'] });
});
