import { describe, expect, it } from 'vitest';
import { decideVersion, parseHierarchies } from '../../../../deploy/stack/control-groups.ts';
import { planDisabling } from '../../../../deploy/stack/host-changes.ts';

const version1 = `25 24 0:21 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
26 24 0:22 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
27 24 0:23 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
28 24 0:24 / / rw - ext4 /dev/vda rw
`;
const version2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';

describe('parseHierarchies()', () => {
  it('finds the hierarchies of both versions', () => {
    expect(parseHierarchies(version1)).toEqual([
      { folder: '/sys/fs/cgroup/pids', version: 1 },
      { folder: '/sys/fs/cgroup/cpu,cpuacct', version: 1 },
      { folder: '/sys/fs/cgroup/unified', version: 2 },
    ]);
  });

  it('lists a hierarchy once that is mounted twice over itself', () => {
    expect(parseHierarchies(version2 + version2)).toHaveLength(1);
  });
});

describe('decideVersion()', () => {
  it.each([
    ['a hybrid machine', version1, 1],
    ['a machine with the unified hierarchy alone', version2, 2],
  ])('decides for %s', (_, mountinfo, version) => {
    expect(decideVersion(parseHierarchies(mountinfo))).toBe(version);
  });
});

describe('planDisabling()', () => {
  it.each([
    ['nothing was added', 'cpu memory', 'memory cpu', ''],
    ['two controllers were added', 'memory', 'cpu memory pids', '-cpu -pids'],
    ['none were on', '', 'cpu', '-cpu'],
  ])('when %s', (_, before, now, expected) => {
    expect(planDisabling(before, now)).toBe(expected);
  });
});
