// Does a mount pod end when nothing of it is used any more, and never before?
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Workload } from './host.ts';
import { Lab } from './lab.ts';
import { type Attachment, buildSourceKey } from './pods.ts';
import { type Service, until } from './processes.ts';

let lab: Lab;
const LINES = 20_000;

beforeAll(async () => {
  lab = await Lab.make();
  const long = Array.from({ length: LINES }, (_, index) => `line ${index}\n`).join('');
  lab.storage.makeBucket('images', { 'long.txt': long });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

/** Reads the first line, and the rest when it is told to. */
function startReader(workload: Workload): Promise<Service> {
  const script = `
    exec 3< data/long.txt; read first <&3
    trap 'echo rest $(wc -l <&3); exit 0' TERM
    echo reading; while :; do sleep 0.05; done`;
  return workload.start(['sh', '-c', script], /reading/);
}

async function attachNew() {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment: Attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  return { attachment, workload, mountPod };
}

async function swapToAnotherMountPod(attachment: Attachment): Promise<void> {
  const replacesSourceKey = buildSourceKey(attachment.mountPod, attachment.s3);
  const mountPod = await lab.startMountPod();
  expect(await lab.attach({ ...attachment, mountPod, replacesSourceKey })).toBe('ok');
}

test.for([
  ['', async () => {}],
  [', even if the agent was restarted meanwhile', () => lab.restartAgent()],
] as const)('a reader reads to the end of its file across a swap%s', async ([, between]) => {
  const { attachment, workload, mountPod } = await attachNew();
  const reader = await startReader(workload);
  await swapToAnotherMountPod(attachment);
  await between();
  expect((await lab.detach(attachment, [mountPod])).retired).toEqual([]);

  await reader.stop('SIGTERM');

  expect(reader.output()).toContain(`rest ${LINES - 1}`);
  expect((await lab.detach(attachment, [mountPod])).retired).toEqual([mountPod.uid]);
  await until('the mount pod ends', () => mountPod.service.child.exitCode === 0);
});

test('one that is not retired because of an open file serves new sources', async () => {
  const { attachment, workload, mountPod } = await attachNew();
  const reader = await startReader(workload);
  await swapToAnotherMountPod(attachment);
  expect((await lab.detach(attachment, [mountPod])).retired).toEqual([]);

  expect(await lab.attach({ ...attachment, mountpoint: 'again' })).toBe('ok');

  expect((await workload.exec(['head', '-n', '1', 'again/long.txt'])).stdout).toBe('line 0\n');
  await reader.stop('SIGKILL');
});

test('one whose rclone does not answer ends when its source is released', async () => {
  const { attachment, mountPod } = await attachNew();
  lab.signalRclone(mountPod, 'SIGSTOP');
  const { retired } = await lab.detach(attachment);
  expect(retired).toEqual([mountPod.uid]);
  await until('the mount pod ends', () => mountPod.service.child.exitCode === 0);
});

test('a source moves to the mount pod that the request names, under a reader', async () => {
  const { attachment, workload, mountPod } = await attachNew();
  const successor = await lab.startMountPod({ sharingKey: mountPod.sharingKey });

  expect(await lab.attach({ ...attachment, mountPod: successor })).toBe('ok');

  await lab.waitForNoServedMounts(mountPod);
  expect(lab.servedMounts(successor)).toBe(1);
  expect((await workload.exec(['head', '-n', '1', 'data/long.txt'])).stdout).toBe('line 0\n');
});
