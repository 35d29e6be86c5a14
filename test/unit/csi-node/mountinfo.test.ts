// Is the kernel's mount table read as it is written?
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findBelow,
  findLayers,
  type MountRow,
  parseMountinfo,
} from '../../../csi-node/mountinfo.ts';

/** As the kernel writes a path (fs/proc_namespace.c, mangle). */
const escape = (text: string) =>
  text.replace(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);

const text = fc.string({ unit: fc.constantFrom(...'ab/ \t\n\\#-:'), minLength: 1 });
const row = fc.record({
  id: fc.nat(),
  parentId: fc.nat(),
  device: fc.tuple(fc.nat(), fc.nat()).map(([major, minor]) => `${major}:${minor}`),
  root: text,
  mountpoint: text,
  readOnly: fc.boolean(),
  peerGroup: fc.option(fc.nat(), { nil: undefined }),
  master: fc.option(fc.nat(), { nil: undefined }),
  type: fc.constantFrom('tmpfs', 'fuse.rclone'),
  source: text,
});
const more = fc.constantFrom('', ' propagate_from:2', ' unbindable');

function write(mount: MountRow, optional: string): string {
  const shared = mount.peerGroup === undefined ? '' : ` shared:${mount.peerGroup}`;
  const options = `${mount.readOnly ? 'ro' : 'rw'},nosuid,relatime`;
  const { id, parentId, device, root, mountpoint, type, source } = mount;
  const first = `${id} ${parentId} ${device} ${escape(root)} ${escape(mountpoint)} ${options}`;
  const master = mount.master === undefined ? '' : ` master:${mount.master}`;
  return `${first}${shared}${master}${optional} - ${type} ${escape(source)} rw,fd=3`;
}

describe('parseMountinfo', () => {
  test('reads back every row that the kernel can write', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, more), { maxLength: 5 }), (rows) => {
        const written = rows.map(([mount, optional]) => `${write(mount, optional)}\n`).join('');
        expect(parseMountinfo(written)).toEqual(rows.map(([mount]) => mount));
      }),
    );
  });

  test('never fails, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (any) => void parseMountinfo(any)));
  });

  test('reads a line of a real node', () => {
    const line =
      '97 61 0:52 / /var/lib/dynamic/stage/ab.cd rw,nosuid,nodev,relatime shared:41 - fuse.rclone ab.cd rw,user_id=0,group_id=0,default_permissions,allow_other';
    expect(parseMountinfo(line)).toEqual([
      {
        id: 97,
        parentId: 61,
        device: '0:52',
        root: '/',
        mountpoint: '/var/lib/dynamic/stage/ab.cd',
        readOnly: false,
        peerGroup: 41,
        master: undefined,
        type: 'fuse.rclone',
        source: 'ab.cd',
      },
    ]);
  });
});

const mount = (id: number, parentId: number, mountpoint: string): MountRow => ({
  ...{ id, parentId, mountpoint, device: '0:1', root: '/', readOnly: false },
  ...{ peerGroup: undefined, master: undefined, type: 'tmpfs', source: 'x' },
});

describe('findLayers', () => {
  test('gives the lowest layer first, in whatever order the table is', () => {
    const layers = [mount(1, 9, '/a'), mount(2, 1, '/a'), mount(3, 2, '/a')];
    fc.assert(
      fc.property(fc.shuffledSubarray(layers, { minLength: 3 }), (rows) => {
        expect(findLayers([...rows, mount(4, 9, '/b')], '/a').map(({ id }) => id)).toEqual([
          1, 2, 3,
        ]);
      }),
    );
  });

  test('gives none where nothing is mounted', () => {
    expect(findLayers([mount(1, 9, '/a')], '/a/b')).toEqual([]);
  });
});

describe('findBelow', () => {
  test('gives what lies below, deepest first, and no neighbour', () => {
    const rows = [
      mount(1, 9, '/a/b'),
      mount(2, 1, '/a/b/c'),
      mount(3, 9, '/ab/c'),
      mount(4, 9, '/a'),
    ];
    expect(findBelow(rows, '/a').map(({ mountpoint }) => mountpoint)).toEqual(['/a/b/c', '/a/b']);
  });
});
