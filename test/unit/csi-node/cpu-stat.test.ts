// Are the CPU counters of a container found and read, with both versions of control groups?
import { describe, expect, test } from 'vitest';
import { findCpuGroup, parseThrottling } from '../../../csi-node/cpu-stat.ts';

const root = '100 1 0:50 / / ro,relatime master:1 - overlay overlay rw,lowerdir=/x';
const v2 = '101 100 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate';
const v1 = (controllers: string) =>
  `102 100 0:30 /kubepods/pod1/c1 /sys/fs/cgroup/${controllers} ro,nosuid master:9 - cgroup cgroup rw,${controllers}`;
const v2OfHybrid = '103 100 0:27 / /sys/fs/cgroup/unified ro - cgroup2 cgroup rw';

describe('findCpuGroup', () => {
  test.for<[string, string[], string | undefined]>([
    ['version 2', [root, v2], '/sys/fs/cgroup'],
    ['version 1', [root, v1('cpuset'), v1('cpu,cpuacct')], '/sys/fs/cgroup/cpu,cpuacct'],
    ['version 1 with cpu alone', [root, v1('cpuacct'), v1('cpu')], '/sys/fs/cgroup/cpu'],
    ['both, with the controller in version 1', [v2OfHybrid, v1('cpu')], '/sys/fs/cgroup/cpu'],
    ['no control groups', [root], undefined],
    ['a process that is gone', [], undefined],
  ])('%s', ([, rows, folder]) => {
    expect(findCpuGroup(rows.join('\n'))).toBe(folder);
  });
});

describe('parseThrottling', () => {
  test.for<[string, string, object | undefined]>([
    [
      'version 2',
      'usage_usec 5000\nnr_periods 120\nnr_throttled 30\nthrottled_usec 2500400\n',
      { periods: 120, throttledPeriods: 30, throttledMs: 2500 },
    ],
    [
      'version 1',
      'nr_periods 120\nnr_throttled 30\nthrottled_time 2500400000\n',
      { periods: 120, throttledPeriods: 30, throttledMs: 2500 },
    ],
    [
      'a limit that was never reached',
      'nr_periods 7\nnr_throttled 0\nthrottled_usec 0\n',
      { periods: 7, throttledPeriods: 0, throttledMs: 0 },
    ],
    ['no limit', 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n', undefined],
    ['no limit in version 2', 'usage_usec 5000\nuser_usec 1\n', undefined],
    ['nothing', '', undefined],
  ])('%s', ([, text, expected]) => {
    expect(parseThrottling(text)).toEqual(expected);
  });
});
