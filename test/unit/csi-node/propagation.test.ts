// Is it known from a container's mount table whether a mount reaches it?
import { expect, test } from 'vitest';
import { decideReach } from '../../../csi-node/propagation.ts';
import type { MountRow } from '../../../csi-node/mountinfo.ts';

const row = (change: Partial<MountRow>): MountRow => ({
  ...{ id: 1, parentId: 0, device: '253:1', root: '/', mountpoint: '/', readOnly: false },
  ...{ peerGroup: undefined, master: undefined, type: 'ext4', source: '/dev/vda' },
  ...change,
});

const directory = '/var/lib/dynamic/xvols/class/uuid/pod-1';
const volumeRoot = row({ root: directory, mountpoint: directory });
const mount = { volumeRoot, device: '0:58', mountpoint: 'a/b' };

const rootAt = (mountpoint: string) => row({ root: directory, mountpoint });
const shown = (mountpoint: string) => row({ device: '0:58', mountpoint });
const foreign = row({ root: `${directory}-2`, mountpoint: '/other' });

test.for<[string, MountRow[], string]>([
  ['has no volume root', [row({}), foreign], 'noVolumeRoot'],
  ['shows the mount', [rootAt('/root'), shown('/root/a/b')], 'reached'],
  ['does not show it', [rootAt('/root')], 'missed'],
  [
    'shows a former mount there',
    [rootAt('/root'), row({ device: '0:57', mountpoint: '/root/a/b' })],
    'missed',
  ],
  ['shows it elsewhere only', [rootAt('/root'), shown('/elsewhere/a/b')], 'missed'],
  [
    'has the volume root twice',
    [rootAt('/x'), rootAt('/y'), shown('/x/a/b'), shown('/y/a/b')],
    'reached',
  ],
  ['is reached at one of two places', [rootAt('/x'), rootAt('/y'), shown('/x/a/b')], 'missed'],
  [
    'has the volume root of the same path on another disk',
    [row({ root: directory, device: '8:1' })],
    'noVolumeRoot',
  ],
])('a container that %s', ([, table, reach]) => {
  expect(decideReach(table, mount)).toBe(reach);
});
