// Are the texts of /proc read as the kernel and the kubelet write them?
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildReadable,
  isUninterruptible,
  parseContainer,
  parseMappedFiles,
  parseMountId,
} from '../../../csi-node/process-texts.ts';

const podUid = '3f2c1a9e-0b7d-4c55-9a11-2f6f5c0d7e88';
const systemdUid = podUid.replaceAll('-', '_');
const containerId = 'ab'.repeat(32);

describe('parseContainer', () => {
  test.for([
    ['cgroupfs, version 2', `0::/kubepods/burstable/pod${podUid}/${containerId}`],
    ['cgroupfs, guaranteed', `0::/kubepods/pod${podUid}/${containerId}`],
    [
      'cgroupfs below a root of its own',
      `0::/node1/kubepods/besteffort/pod${podUid}/${containerId}`,
    ],
    [
      'cgroupfs, version 1',
      `9:name=systemd:/\n8:pids:/kubepods/pod${podUid}/${containerId}\n4:memory:/kubepods/pod${podUid}/${containerId}`,
    ],
    [
      'systemd with containerd',
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${systemdUid}.slice/cri-containerd-${containerId}.scope`,
    ],
    [
      'systemd with CRI-O, version 1',
      `3:cpu:/kubepods.slice/kubepods-pod${systemdUid}.slice/crio-${containerId}.scope`,
    ],
    ['a group that the container made itself', `0::/kubepods/pod${podUid}/${containerId}/init`],
    ['seen from another control group namespace', `0::/../../pod${podUid}/${containerId}`],
  ] as const)('knows the container of %s', ([, text]) => {
    expect(parseContainer(`${text}\n`)).toEqual({ podUid, containerId });
  });

  test('knows a static pod, whose UID is a hash', () => {
    const uid = podUid.replaceAll('-', '');
    expect(parseContainer(`0::/kubepods/pod${uid}/${containerId}`)?.podUid).toBe(uid);
  });

  test.for(['', '0::/', '0::/system.slice/kubelet.service', `0::/kubepods/pod${podUid}`])(
    'knows that no container runs %j',
    (text) => {
      expect(parseContainer(text)).toBeUndefined();
    },
  );

  test('never fails, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (any) => void parseContainer(any)));
  });
});

describe('parseMountId', () => {
  test('reads the mount of an open file', () => {
    expect(parseMountId('pos:\t0\nflags:\t0100000\nmnt_id:\t1742\nino:\t5\n')).toBe(1742);
  });

  test('has none where the kernel tells none', () => {
    expect(parseMountId('')).toBeUndefined();
  });
});

describe('isUninterruptible', () => {
  test.for([
    ['21869 (ls) D 21764 21746', true],
    ['21869 (ls) S 21764 21746', false],
    ['21869 (a) D b) S 21764', false],
    ['', false],
  ] as const)('of %j is %s', ([stat, expected]) => {
    expect(isUninterruptible(stat)).toBe(expected);
  });
});

describe('parseMappedFiles', () => {
  const maps = [
    '55d0c0a00000-55d0c0a28000 r--p 00000000 fd:01 1315 /usr/bin/sleep',
    '7f1a2c000000-7f1a2c001000 r--p 00000000 00:3a 12 /run/volume/data/a file.bin',
    '7f1a2c001000-7f1a2c002000 r--p 00001000 00:3a 12 /run/volume/data/a file.bin',
    '7f1a2c100000-7f1a2c200000 rw-p 00000000 00:3b 12 /run/volume/other/file',
    '7f1a2c300000-7f1a2c400000 rw-p 00000000 00:00 0 [heap]',
    '7ffd1b000000-7ffd1b021000 rw-p 00000000 00:00 0',
  ].join('\n');

  test('gives the files of one device, each once; the kernel writes it in hexadecimal', () => {
    expect(parseMappedFiles(maps, '0:58')).toEqual(['/run/volume/data/a file.bin']);
    expect(parseMappedFiles(maps, '253:1')).toEqual(['/usr/bin/sleep']);
  });

  test('gives none for anything else', () => {
    expect(parseMappedFiles(maps, '0:99')).toEqual([]);
  });
});

describe('buildReadable', () => {
  test.for<[string, string, string]>([
    ['a plain name', '/data/a file.txt', '/data/a file.txt'],
    ['letters of any language', '/data/übung-日本', '/data/übung-日本'],
    ['a line end', '/data/a\nReady=True', '/data/a?Ready=True'],
    ['a terminal escape', '/data/\u001b[31mred', '/data/?[31mred'],
    ['a change of direction', '/data/\u202egpj', '/data/?gpj'],
    ['a separator of lines', 'a\u2028b', 'a?b'],
  ])('makes %s fit for a sentence', ([, name, readable]) => {
    expect(buildReadable(name)).toBe(readable);
  });

  test('keeps the end of a long path', () => {
    const readable = buildReadable(`/data/${'x'.repeat(5_000)}/end`);
    expect(readable).toHaveLength(256);
    expect(readable).toMatch(/^…x+\/end$/);
  });
});
