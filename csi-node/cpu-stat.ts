// Where are the CPU counters of a container, and what do they say? (pure; cgroups(7), versions 1 and 2)
import type { MountPodThrottling } from '../api/node-agent.ts';

/**
 * Finds the folder with `cpu.stat` in the text of a container's mountinfo. Container runtimes show a container its own
 * control group there, never the whole tree.
 *
 * @returns a path within the container; undefined if no control groups are mounted
 */
export function findCpuGroup(mountinfo: string): string | undefined {
  const found = mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const folder = before.split(' ')[4];
    const [type, , options = ''] = after.split(' ');
    const isCpu = type === 'cgroup' && options.split(',').includes('cpu');
    if (folder === undefined || !(isCpu || type === 'cgroup2')) return [];
    return [{ folder, isCpu }];
  });
  // With both versions mounted, the controller is where version 1 has it.
  return (found.find(({ isCpu }) => isCpu) ?? found[0])?.folder;
}

const NANOSECONDS_PER_MS = 1_000_000;
const MICROSECONDS_PER_MS = 1_000;

/** Parses `cpu.stat`; undefined without a limit: then there are no periods. */
export function parseThrottling(text: string): Omit<MountPodThrottling, 'mountPodUid'> | undefined {
  const counters = new Map(
    text.split('\n').map((line) => {
      const [name = '', value] = line.split(' ');
      return [name, Number(value)];
    }),
  );
  const periods = counters.get('nr_periods') ?? 0;
  if (periods === 0) return undefined;
  const throttledMs =
    (counters.get('throttled_usec') ?? 0) / MICROSECONDS_PER_MS +
    (counters.get('throttled_time') ?? 0) / NANOSECONDS_PER_MS;
  return {
    periods,
    throttledPeriods: counters.get('nr_throttled') ?? 0,
    throttledMs: Math.round(throttledMs),
  };
}
