// What does an attach cost the agent?
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

/**
 * The agent's children, and the page faults of those that have ended (proc(5), "cminflt"): a process cannot start, run
 * and end without any.
 */
function observeChildren(): { pids: number[]; faultsOfEnded: number } {
  const folder = `/proc/${lab.agent.pid}`;
  const texts = readdirSync(`${folder}/task`).map((task) =>
    readFileSync(`${folder}/task/${task}/children`, 'utf8').trim(),
  );
  const pids = texts.filter(Boolean).flatMap((text) => text.split(' ').map(Number));
  const stat = readFileSync(`${folder}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pids, faultsOfEnded: Number(fields[8]) };
}

async function attachAndDetach(): Promise<void> {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  expect((await lab.detach(attachment)).outcome).toBe('ok');
}

test('starts no process for an attach, nor for a detach', async () => {
  const before = observeChildren();
  expect(before.pids).toHaveLength(1);

  await attachAndDetach();

  expect(observeChildren()).toEqual(before);
});

test('starts its probe helper again when that has ended, and then no more', async () => {
  const { pids, faultsOfEnded } = observeChildren();
  for (const pid of pids) process.kill(pid, 'SIGKILL');

  await attachAndDetach();

  const after = observeChildren();
  expect(after.pids).toHaveLength(1);
  expect(after.pids).not.toEqual(pids);
  expect(after.faultsOfEnded).toBeGreaterThan(faultsOfEnded);
  await attachAndDetach();
  expect(observeChildren()).toEqual(after);
});

test('leaks no descriptor', async () => {
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  const open = () => readdirSync(`/proc/${lab.agent.pid}/fd`).length;
  const round = async (s3 = attachment.s3) => {
    await lab.attach({ ...attachment, s3 });
    await lab.detach({ ...attachment, s3 }, []);
  };
  await round();
  const before = open();
  for (let rounds = 0; rounds < 10; rounds++) await round();
  for (let rounds = 0; rounds < 5; rounds++) await round(lab.storage.bucket('missing'));
  expect(open()).toBeLessThanOrEqual(before + 1);
});
