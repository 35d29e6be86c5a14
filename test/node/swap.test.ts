// Is a mount replaced without a gap, after crashes of every part, on new kernels and on old ones?
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { STAGE_DIR, XVOLS_DIR } from '../../api/paths.ts';
import { parseMountinfo } from '../../csi-node/mountinfo.ts';
import type { Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab, type Pod, type RunningMountPod } from './lab.ts';
import { openFile } from './open-file.ts';
import { until } from './processes.ts';
import { startReader } from './reader.ts';

async function countLayers(lab: Lab, path: string): Promise<number> {
  return (await lab.mounts()).filter((mountpoint) => mountpoint === path).length;
}

async function killRclone(lab: Lab, mountPod: RunningMountPod): Promise<void> {
  const pid = lab.signalRclone(mountPod, 'SIGKILL');
  await until('another rclone', () => ![0, pid].includes(lab.findRclone(mountPod)));
}

describe.for([
  ['MOVE_MOUNT_BENEATH', ''],
  ['no MOVE_MOUNT_BENEATH', 'moveMountBeneath'],
] as const)('with %s', ([, featuresOff]) => {
  let lab: Lab;
  const features = { KERNEL_FEATURES_OFF: featuresOff };

  beforeAll(async () => {
    lab = await Lab.make();
    lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
    lab.storage.makeBucket('twin', { 'hello.txt': 'hello\n' });
    await lab.startAgent(features);
  });

  afterAll(() => lab[Symbol.asyncDispose]());
  afterEach(() => lab.closeCallers());

  const images = () => lab.storage.bucket('images');
  /** A restarted agent does not bring a source back before its next attach. */
  const forgetKeys = () => lab.restartAgent('SIGTERM', features);

  async function attachAnew(): Promise<{
    pod: Pod;
    workload: Workload;
    mountPod: RunningMountPod;
    attachment: Attachment;
  }> {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const attachment = { pod, mountPod, s3: images() };
    expect(await lab.attach(attachment)).toBe('ok');
    return { pod, workload, mountPod, attachment };
  }

  const read = async (workload: Workload) =>
    (await workload.exec(['cat', 'data/hello.txt'])).stdout;

  test('swaps sources under a reader', async () => {
    const { workload, mountPod, attachment, pod } = await attachAnew();
    const twin = { ...attachment, s3: lab.storage.bucket('twin') };
    const stop = await startReader(workload);
    for (let round = 0; round < 10; round++)
      for (const [next, former] of [
        [twin, attachment],
        [attachment, twin],
      ] as const) {
        const replacesSourceKey = buildSourceKey(mountPod, former.s3);
        expect(await lab.attach({ ...next, replacesSourceKey })).toBe('ok');
      }

    const { reads, errors } = await stop();

    expect(reads).toBeGreaterThan(100);
    // Without the feature there is a gap, short, that shows an empty directory of the read-only volume root.
    expect(featuresOff === '' ? errors : 0).toBe(0);
    expect(await read(workload)).toBe('hello\n');
    expect(await countLayers(lab, `${pod.targetPath}/data`)).toBe(1);
    await until('one source', () => lab.servedMounts(mountPod) === 1);
  });

  test('leaves an open file of the former source alone, also when that is detached by force', async () => {
    const { workload, mountPod, attachment } = await attachAnew();
    const holder = await openFile(workload);
    const replacesSourceKey = buildSourceKey(mountPod, attachment.s3);
    expect(await lab.attach({ ...attachment, remounts: 1, replacesSourceKey })).toBe('ok');

    const { results } = await lab.detachResponse(attachment, { force: true });

    expect(results[0]).toMatchObject({ code: '', rung: '' });
    expect(await read(workload)).toBe('hello\n');
    await holder.stop('SIGTERM');
    expect(holder.output()).toContain('hello\n');
    expect((await lab.detach({ ...attachment, remounts: 1 })).outcome).toBe('ok');
  });

  test('repairs a mount whose rclone was killed', async () => {
    const { workload, mountPod, attachment, pod } = await attachAnew();
    await forgetKeys();
    await killRclone(lab, mountPod);
    expect((await workload.exec(['cat', 'data/hello.txt'])).stderr).toContain('not connected');

    expect(await lab.attach(attachment)).toBe('ok');

    expect(await read(workload)).toBe('hello\n');
    expect(await countLayers(lab, `${pod.targetPath}/data`)).toBe(1);
    expect((await lab.detach(attachment)).outcome).toBe('ok');
    expect((await workload.exec(['ls'])).stdout).toBe('');
  });

  test('repairs every pod of a source when its mount pod was replaced', async () => {
    const { workload, mountPod, attachment } = await attachAnew();
    const second = await lab.runPod();
    await lab.attach({ ...attachment, pod: second.pod });
    const rclone = lab.findRclone(mountPod);
    await mountPod.service.stop('SIGKILL');
    await until('rclone ends', () => !isRunning(rclone));
    const successor = await lab.startMountPod({ sharingKey: mountPod.sharingKey });

    for (const { pod } of [attachment, second])
      expect(await lab.attach({ ...attachment, pod, mountPod: successor })).toBe('ok');

    expect(await read(workload)).toBe('hello\n');
    expect(await read(second.workload)).toBe('hello\n');
    expect(lab.servedMounts(successor)).toBe(1);
  });

  test('starts a container over a dead mount, and repairs it there too', async () => {
    const { workload, mountPod, attachment, pod } = await attachAnew();
    await workload.stop('SIGKILL');
    await forgetKeys();
    await killRclone(lab, mountPod);

    const restarted = await lab.startWorkload(pod);

    expect((await restarted.exec(['ls'])).status).toBe(0);
    expect(await lab.attach(attachment)).toBe('ok');
    expect(await read(restarted)).toBe('hello\n');
  });

  test.for(['SIGTERM', 'SIGKILL'] as const)(
    'goes on with what a predecessor ended by %s has mounted',
    async (signal) => {
      const { workload, mountPod, attachment, pod } = await attachAnew();
      const stop = await startReader(workload);
      const table = await lab.mounts();

      await lab.restartAgent(signal, features);

      expect((await stop()).errors).toBe(0);
      expect(await lab.mounts()).toEqual(table);
      expect(await lab.attach(attachment)).toBe('ok');
      expect(await lab.mounts()).toEqual(table);
      expect(await lab.attach({ ...attachment, readOnly: true })).toBe('ok');
      expect((await workload.exec(['touch', 'data/x'])).stderr).toContain('Read-only');
      await lab.publish(pod);
      expect(await lab.attach({ ...attachment, mountpoint: 'more' })).toBe('ok');
      expect((await workload.exec(['cat', 'more/hello.txt'])).stdout).toBe('hello\n');
      await lab.detach({ ...attachment, mountpoint: 'more' });
      expect(await lab.detach(attachment)).toEqual({ outcome: 'ok', retired: [mountPod.uid] });
      expect((await workload.exec(['ls'])).stdout).toBe('');
    },
  );

  test('releases at start what a predecessor has parked and never shown', async () => {
    const { mountPod, attachment, pod } = await attachAnew();
    const clone = (await lab.mounts()).find(
      (path) => path.startsWith(XVOLS_DIR) && path.endsWith(`${pod.uid}/data`),
    );
    // As if the agent had ended between parking the source and showing it.
    await lab.host.exec(['umount', clone ?? '']);

    await lab.restartAgent('SIGKILL', features);

    await lab.waitForNoServedMounts(mountPod);
    expect(await lab.attach(attachment)).toBe('ok');
  });

  test('finishes a swap that a crash has interrupted', async () => {
    const { workload, mountPod, attachment, pod } = await attachAnew();
    const table = parseMountinfo(await lab.host.mountinfo());
    const clone = table.find(({ mountpoint }) => mountpoint.endsWith(`${pod.uid}/data`));
    const staged = `${STAGE_DIR}/${buildSourceKey(mountPod, attachment.s3)}`;
    // One layer too many, as between the two steps of a swap.
    await lab.host.exec(['mount', '--bind', staged, clone?.mountpoint ?? '']);

    expect(await lab.attach(attachment)).toBe('ok');

    expect(await countLayers(lab, `${pod.targetPath}/data`)).toBe(1);
    expect(await read(workload)).toBe('hello\n');
  });

  test('detaches what a swap that a crash has interrupted left beneath', async () => {
    const { workload, attachment, pod } = await attachAnew();
    const former = await attachAnew();
    const table = parseMountinfo(await lab.host.mountinfo());
    const clone = table.find(({ mountpoint }) => mountpoint.endsWith(`${pod.uid}/data`));
    const staged = `${STAGE_DIR}/${buildSourceKey(former.mountPod, former.attachment.s3)}`;
    await lab.host.exec(['mount', '--bind', staged, clone?.mountpoint ?? '']);

    expect((await lab.detach(attachment)).outcome).toBe('ok');

    expect(await countLayers(lab, `${pod.targetPath}/data`)).toBe(0);
    expect((await workload.exec(['ls', '-A'])).stdout).toBe('');
    expect((await lab.detach(former.attachment)).outcome).toBe('ok');
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
