// Is a mount pod that its CPU limit slows down told of, with the figures?
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListResponse } from '../../api/node-agent.ts';
import { findCpuGroup } from '../../csi-node/cpu-stat.ts';
import { Lab } from './lab.ts';
import { runOrFail, until } from './processes.ts';
import type { RunningMountPod } from './rclone-process.ts';

let lab: Lab;
const hierarchy = findCpuGroup(readFileSync('/proc/self/mountinfo', 'utf8')) ?? '';
const groups: string[] = [];

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

function tryToRemove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false; // a process that was killed has not ended yet
  }
}

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  for (const group of groups) await until('the group is empty', () => tryToRemove(group));
});

function makeGroup(quota: string): string {
  const group = join(hierarchy, `dynvol-throttling-${process.pid}-${groups.length}`);
  mkdirSync(group);
  groups.push(group);
  const file = join(group, 'cpu.cfs_quota_us');
  if (existsSync(file)) writeFileSync(file, quota === 'max' ? '-1' : quota);
  else writeFileSync(join(group, 'cpu.max'), `${quota} 100000`);
  return group;
}

/** As with a container runtime: it runs in a group of its own, and sees that one in the place of the whole tree. */
async function startMountPod(quota: string): Promise<RunningMountPod> {
  const mountPod = await lab.startMountPod();
  await lab.waitForRclone(mountPod);
  const group = makeGroup(quota);
  const { pid } = mountPod.service;
  for (const member of [pid, lab.findRclone(mountPod)])
    writeFileSync(join(group, 'cgroup.procs'), String(member));
  const enter = ['--target', String(pid), '--mount'];
  await runOrFail('nsenter', [...enter, 'mount', '--bind', group, hierarchy]);
  const { pod } = await lab.runPod();
  expect(await lab.attach({ pod, mountPod, s3: lab.storage.bucket('images') })).toBe('ok');
  return mountPod;
}

async function observe(mountPodUid: string) {
  const request = { mountPodUids: [mountPodUid] };
  return (await lab.api().call<ListResponse>('List', request)).throttling;
}

test('tells nothing without a limit, nor of a mount pod that does not run', async () => {
  const mountPod = await startMountPod('max');
  expect(await observe(mountPod.uid)).toEqual([]);
  expect(await observe('never')).toEqual([]);
});

test('tells how long the limit has held it', async () => {
  const mountPod = await startMountPod('2000');

  const [told] = await observe(mountPod.uid);

  expect(told?.mountPodUid).toBe(mountPod.uid);
  expect(told?.throttledPeriods).toBeGreaterThan(0);
  expect(told?.periods).toBeGreaterThanOrEqual(told?.throttledPeriods ?? 0);
  expect(told?.throttledMs).toBeGreaterThan(10);
});
