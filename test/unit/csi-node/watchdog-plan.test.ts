// Is every file system asked once, where it disturbs nobody, and found when it has hung for too long?
import { expect, test } from 'vitest';
import type { MountRow } from '../../../csi-node/mountinfo.ts';
import { findOverdue, planQuestions } from '../../../csi-node/watchdog-plan.ts';

const ROOT = '/var/lib/dynamic/xvols/class/uuid';
const STAGE = '/var/lib/dynamic/stage';

let id = 0;
const row = (
  mountpoint: string,
  device: string,
  source: string,
  type = 'fuse.rclone',
): MountRow => ({
  ...{ id: ++id, parentId: 0, root: '/', readOnly: false, peerGroup: undefined, master: undefined },
  ...{ mountpoint, device, source, type },
});
const volumeRoot = (podUid: string) => row(`${ROOT}/${podUid}`, '8:1', '/dev/vda', 'ext4');
const shown = (podUid: string, device: string, source: string) =>
  row(`${ROOT}/${podUid}/data`, device, source);
const pods = [volumeRoot('p1'), volumeRoot('p2')];

test.for<[string, MountRow[], string[]]>([
  ['nothing is mounted', pods, []],
  ['a source is parked and shown by nobody', [...pods, row(`${STAGE}/aa.1`, '0:50', 'aa.1')], []],
  [
    'two pods show one source: asked once, where it is parked',
    [
      ...pods,
      row(`${STAGE}/aa.1`, '0:50', 'aa.1'),
      shown('p1', '0:50', 'aa.1'),
      shown('p2', '0:50', 'aa.1'),
    ],
    [`0:50 aa.1 ${STAGE}/aa.1`],
  ],
  [
    'a pod still shows the predecessor of what is parked: both are asked',
    [
      ...pods,
      row(`${STAGE}/aa.1`, '0:51', 'aa.1'),
      shown('p1', '0:50', 'aa.1'),
      shown('p2', '0:51', 'aa.1'),
    ],
    [`0:50 aa.1 ${ROOT}/p1/data`, `0:51 aa.1 ${STAGE}/aa.1`],
  ],
  [
    'another file system is in a volume root',
    [...pods, row(`${ROOT}/p1/data`, '0:9', 'tmpfs', 'tmpfs')],
    [],
  ],
])('%s', ([, mounts, expected]) => {
  const asked = planQuestions(mounts).map((one) => `${one.device} ${one.sourceKey} ${one.path}`);
  expect(asked).toEqual(expected);
});

test.for<[string, number[], string[]]>([
  ['nothing hangs', [], []],
  ['not long enough', [1_001], []],
  ['just as long', [1_000], ['key-0']],
  ['one of two', [1_500, 200], ['key-1']],
])('hung for a minute: %s', ([, since, expected]) => {
  const hung = since.map((sinceMs, index) => ({ sourceKey: `key-${index}`, sinceMs }));
  expect([...findOverdue(hung, 61_000, 60_000)]).toEqual(expected);
});
