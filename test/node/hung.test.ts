// Is a storage client that does not answer told of, released in time, and nobody else disturbed?
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceReport } from '../../api/node-agent.ts';
import { buildFuseServer, setFuseMode } from './fuse-server.ts';
import type { Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab, type RunningMountPod } from './lab.ts';
import { type Service, until } from './processes.ts';

/** A question is asked at most 5 s after the hang began, and given up after 15 s. */
const TOLD_WITHIN_MS = 30_000;

const isTold = (reports: SourceReport[], { mountPod, s3 }: Attachment, state: string) =>
  reports.some((one) => one.sourceKey === buildSourceKey(mountPod, s3) && one.state === state);

const read = async (workload: Workload) =>
  (await workload.exec(['cat', 'data/hello.txt'])).stdout.trim();

/** A process of the workload that waits in its mount. */
async function startStuck(workload: Workload): Promise<Service> {
  return await workload.start(['sh', '-c', 'echo ready; exec ls -f data/'], /ready/);
}

describe('before the time-out', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.make();
    await lab.startAgent();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('64 hung mounts: all told, attaches refused at once, CSI goes on; and told when they answer', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
    const attachments = Array.from({ length: 64 }, (_, index) => {
      const s3 = lab.storage.bucket('images', { prefix: `folder-${index}` });
      return { pod, mountPod, s3, mountpoint: `m${index}`, claimUid: `claim-${index}` };
    });
    const attached = await Promise.all(attachments.map((attachment) => lab.attach(attachment)));
    expect(new Set(attached)).toEqual(new Set(['ok']));
    const reports = lab.watch();
    lab.signalRclone(mountPod, 'SIGSTOP');

    const identity = lab.csi('Identity');
    let probes = 0;
    const allTold = () => attachments.every((one) => isTold(reports, one, 'hung'));
    await until(
      'all are told',
      async () => {
        await identity.call('Probe', {});
        probes++;
        return allTold();
      },
      TOLD_WITHIN_MS,
    );
    // One after another, each answered; a single one that hung would have ended the wait.
    expect(probes).toBeGreaterThan(50);
    const outcomes = await Promise.all(attachments.map((attachment) => lab.attach(attachment)));
    for (const outcome of outcomes) expect(outcome).toContain('MOUNT_HUNG');
    expect((await fetch(lab.healthUrl)).status).toBe(200);

    lab.signalRclone(mountPod, 'SIGCONT');
    const allBack = () => attachments.every((one) => isTold(reports, one, 'recovered'));
    await until('all are back', allBack, TOLD_WITHIN_MS);
    expect((await workload.exec(['ls', 'm7'])).status).toBe(0);
    expect(await lab.attach(attachments[0] as Attachment)).toBe('ok');
    expect(lab.servedMounts(mountPod)).toBe(64);
  });
});

describe('past the time-out', () => {
  let lab: Lab;
  let fuseServer: string;

  beforeAll(async () => {
    lab = await Lab.make();
    fuseServer = await buildFuseServer(lab.directory);
    lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
    lab.storage.makeBucket('twin', { 'hello.txt': 'hello\n' });
    await lab.startAgent({ HUNG_MOUNT_TIMEOUT_SECONDS: '1' });
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  async function attachAnew(change: { firstOnPath?: string } = {}) {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod(change);
    const attachment: Attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
    expect(await lab.attach(attachment)).toBe('ok');
    return { pod, workload, mountPod, attachment };
  }

  const untilReadable = (workload: Workload) =>
    until('it is readable', async () => (await read(workload)) === 'hello', 60_000);

  /** Its process has ended, so it waits in no system call any more. */
  const untilEnded = (service: Service) =>
    until('it is free', () => service.child.exitCode !== null || service.child.signalCode !== null);

  function countRclones(mountPod: RunningMountPod): number {
    const { pid } = mountPod.service;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').length;
  }

  test.concurrent(
    'a hung rclone is ended, whoever waits is freed, and all is readable again',
    async ({ expect }) => {
      const { workload, mountPod } = await attachAnew();
      const rclone = lab.signalRclone(mountPod, 'SIGSTOP');
      const stuck = await startStuck(workload);

      await until('another rclone', () => ![0, rclone].includes(lab.findRclone(mountPod)), 60_000);

      await untilEnded(stuck);
      await untilReadable(workload);
      expect(countRclones(mountPod)).toBe(1);
    },
  );

  test.concurrent(
    'a mount pod of which nothing answers is given up, and another one serves',
    async ({ expect }) => {
      const { workload, mountPod, attachment } = await attachAnew();
      lab.signalRclone(mountPod, 'SIGSTOP');
      process.kill(mountPod.service.pid, 'SIGSTOP');
      const stuck = await startStuck(workload);

      await until(
        'it is retired',
        async () => (await lab.attach(attachment)).startsWith('MOUNT_POD_RETIRED'),
        60_000,
      );

      await untilEnded(stuck);
      const successor = await lab.startMountPod({ sharingKey: mountPod.sharingKey });
      expect(await lab.attach({ ...attachment, mountPod: successor })).toBe('ok');
      expect(await read(workload)).toBe('hello');
    },
  );

  test.concurrent(
    'a daemon that hangs in one mount serves it anew, and the others go on',
    async ({ expect }) => {
      const { workload, mountPod, attachment, pod } = await attachAnew({ firstOnPath: fuseServer });
      const twin = { ...attachment, s3: lab.storage.bucket('twin'), mountpoint: 'twin' };
      expect(await lab.attach(twin)).toBe('ok');
      const daemon = lab.findRclone(mountPod);
      const reports = lab.watch();
      const holder = await workload.start(
        [
          'sh',
          '-c',
          'exec 3< twin/hello.txt; trap "cat <&3; exit 0" TERM; echo ready; while :; do sleep 0.1; done',
        ],
        /ready/,
      );
      await setFuseMode(lab, mountPod, 'hang', buildSourceKey(mountPod, attachment.s3));
      const stuck = await startStuck(workload);

      await until('it is back', () => isTold(reports, attachment, 'recovered'), 60_000);

      await untilEnded(stuck);
      expect(await read(workload)).toBe('hello');
      expect(lab.findRclone(mountPod)).toBe(daemon);
      await holder.stop('SIGTERM');
      expect(holder.output()).toContain('hello');
      expect(isTold(reports, twin, 'hung') || isTold(reports, twin, 'recovered')).toBe(false);
      expect((await lab.mounts()).filter((path) => path === `${pod.targetPath}/data`)).toHaveLength(
        1,
      );
    },
  );

  test.concurrent(
    'a server that takes two seconds for each answer does not hang',
    async ({ expect }) => {
      const slow = await attachAnew({ firstOnPath: fuseServer });
      await setFuseMode(lab, slow.mountPod, 'slow');
      const reports = lab.watch();
      // Until something else, that began to hang at the same time, is told of.
      const { mountPod, attachment } = await attachAnew({ firstOnPath: fuseServer });
      await setFuseMode(lab, mountPod, 'hang', buildSourceKey(mountPod, attachment.s3));
      await until('another is back', () => isTold(reports, attachment, 'recovered'), 60_000);

      expect(
        reports.some(
          ({ sourceKey }) => sourceKey === buildSourceKey(slow.mountPod, slow.attachment.s3),
        ),
      ).toBe(false);
      expect((await slow.workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    },
  );

  test('an agent that was restarted learns a hung source by its attach, and brings it back', async () => {
    const { workload, mountPod, attachment } = await attachAnew();
    await lab.restartAgent('SIGKILL', { HUNG_MOUNT_TIMEOUT_SECONDS: '20' });
    const reports = lab.watch();
    lab.signalRclone(mountPod, 'SIGSTOP');
    await until('it is told', () => isTold(reports, attachment, 'hung'), TOLD_WITHIN_MS);

    expect(await lab.attach(attachment)).toContain('MOUNT_HUNG');

    await until('it is back', () => isTold(reports, attachment, 'recovered'), 60_000);
    expect(await read(workload)).toBe('hello');
  });

  test('an agent that was restarted ends a hung client from which another source is wanted', async () => {
    const { pod, mountPod, attachment } = await attachAnew();
    lab.signalRclone(mountPod, 'SIGSTOP');
    // Less than the first attach takes: the client is silent from when it was asked, not from when that was given up.
    await lab.restartAgent('SIGKILL', { HUNG_MOUNT_TIMEOUT_SECONDS: '20' });
    const replacesSourceKey = buildSourceKey(mountPod, attachment.s3);
    const next = { pod, mountPod, s3: lab.storage.bucket('twin'), replacesSourceKey };
    const outcomes: string[] = [];
    const attach = async () => {
      outcomes.push(await lab.attach(next));
      return outcomes.at(-1) === 'ok';
    };

    await until('it is attached', attach, 120_000);

    expect(outcomes.filter((outcome) => outcome.includes('MOUNT_HUNG'))).toHaveLength(1);
  });
});
