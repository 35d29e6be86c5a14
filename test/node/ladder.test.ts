// Who holds a mount, and how is it taken away all the same?
import { readlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isWaitingForFuse, type NodeProcess, observeProcesses } from '../../csi-node/processes.ts';
import { VOLUME_ROOT, type Workload } from './host.ts';
import { type Attachment, Lab, type Pod, type RunningMountPod } from './lab.ts';
import { openFile } from './open-file.ts';
import { until } from './processes.ts';
import { buildMapHolder } from './programs.ts';

/** The target path within a pod's folder. */
const VOLUME_PATH = '/volumes/kubernetes.io~csi/dynamic-volume-root-path/mount';

let lab: Lab;
let mapHolder: string;

beforeAll(async () => {
  lab = await Lab.make();
  mapHolder = await buildMapHolder(lab.directory);
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n', 'deep/file': 'deep\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

interface Attached {
  pod: Pod;
  workload: Workload;
  mountPod: RunningMountPod;
  attachment: Attachment;
}

async function attachAnew(): Promise<Attached> {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  return { pod, workload, mountPod, attachment };
}

const uses = [
  [
    'an open file',
    'sleep',
    'data/hello.txt',
    'exec 3< data/hello.txt; echo holding; exec sleep 99',
  ],
  ['a working directory', 'sleep', 'data/deep', 'cd data/deep; echo holding; exec sleep 99'],
  ['a mapped file', 'hold-map', 'data/hello.txt', 'exec "$0" data/hello.txt'],
] as const;

describe('a plain detach', () => {
  test.for(uses)('names the process that holds %s', async ([, command, path, script]) => {
    const { pod, workload, attachment } = await attachAnew();
    const holder = await workload.start(['sh', '-c', script, mapHolder], /holding/);

    const { results } = await lab.detachResponse(attachment);

    const place = `${VOLUME_ROOT}/${path}`;
    const { containerId } = workload;
    expect(results).toEqual([
      {
        ...{ podUid: pod.uid, mountpoint: 'data', ownerUid: '', code: 'IN_USE', rung: '' },
        pendingUploads: 0,
        message: `Mountpoint data is in use: process ${holder.pid} (${command}) holds ${place}`,
        processes: [{ podUid: pod.uid, containerId, pid: holder.pid, command, path: place }],
      },
    ]);
    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    await holder.stop('SIGKILL');
    expect((await lab.detachResponse(attachment)).results[0]).toMatchObject({
      ...{ code: '', rung: 'plain', processes: [] },
    });
  });

  test('names at most 10 processes, and how many more', async () => {
    const { workload, attachment } = await attachAnew();
    const holders = [];
    for (let count = 0; count < 12; count++) holders.push(await openFile(workload));

    const { results } = await lab.detachResponse(attachment);

    expect(results[0]?.processes).toHaveLength(10);
    expect(results[0]?.message).toMatch(/, and 9 more$/);
    for (const holder of holders) await holder.stop('SIGKILL');
    expect((await lab.detach(attachment)).outcome).toBe('ok');
  });

  test('names who holds it although another process stands in a folder too deep to be told', async () => {
    const { workload, attachment } = await attachAnew();
    const name = 'x'.repeat(200);
    const dive = `cd /run; for i in $(seq 25); do mkdir -p ${name}; cd -P ${name}; done`;
    const deep = await workload.start(
      ['sh', '-c', `${dive}; echo holding; exec sleep 99`],
      /holding/,
    );
    expect(() => readlinkSync(`/proc/${deep.pid}/cwd`)).toThrow('ENAMETOOLONG');
    const holder = await workload.start(['sh', '-c', uses[0][3]], /holding/);

    const { results } = await lab.detachResponse(attachment);

    expect(results[0]).toMatchObject({ code: 'IN_USE', processes: [{ pid: holder.pid }] });
    await holder.stop('SIGKILL');
    await deep.stop('SIGKILL');
  });

  test('names a process outside of the pod', async () => {
    const { pod, attachment } = await attachAnew();
    const path = `${pod.targetPath}/data`;
    const script = 'cd "$1"; echo holding; exec sleep 99';
    const holder = await lab.host.start(['sh', '-c', script, 'sh', path], /holding/);

    const { results } = await lab.detachResponse(attachment);

    expect(results[0]?.processes).toEqual([
      { podUid: '', containerId: '', pid: holder.pid, command: 'sleep', path },
    ]);
    await holder.stop('SIGKILL');
    expect((await lab.detach(attachment)).outcome).toBe('ok');
  });

  test('tells no rung when nothing is there', async () => {
    const { attachment } = await attachAnew();
    await lab.detach(attachment);
    expect((await lab.detachResponse(attachment)).results[0]).toMatchObject({ code: '', rung: '' });
  });
});

describe('a forced detach', () => {
  test('is a plain one when nobody holds the mount', async () => {
    const { attachment } = await attachAnew();
    const { results } = await lab.detachResponse(attachment, { force: true });
    expect(results[0]).toMatchObject({ code: '', rung: 'plain' });
  });

  test.for(uses)('takes the mount away under %s, and leaves nothing', async ([, , , script]) => {
    const { pod, workload, mountPod, attachment } = await attachAnew();
    const holder = await workload.start(['sh', '-c', script, mapHolder], /holding/);

    const { results, retiredMountPods } = await lab.detachResponse(attachment, { force: true });

    expect(results[0]).toMatchObject({ code: '', rung: 'abort', processes: [] });
    expect(retiredMountPods).toEqual([mountPod.uid]);
    expect((await workload.exec(['ls', '-A'])).stdout).toBe('');
    const own = (path: string) => path.includes(pod.uid) || path.includes(mountPod.sharingKey);
    const left = (await lab.mounts()).filter(own).map((path) => path.split(pod.uid).at(-1));
    // The volume root stays, on the host and for the container.
    expect(new Set(left)).toEqual(new Set(['', VOLUME_PATH]));
    await holder.stop('SIGKILL');
  });

  test('fails reads of a file that stays open', async () => {
    const { workload, attachment } = await attachAnew();
    const holder = await openFile(workload);

    const { results } = await lab.detachResponse(attachment, { force: true });

    expect(results[0]?.rung).toBe('abort');
    await holder.stop('SIGTERM');
    expect(holder.output()).toMatch(/not connected|abort/);
  });

  test('leaves the source alive that another pod shows', async () => {
    const { workload, mountPod, attachment } = await attachAnew();
    const other = await lab.runPod();
    expect(await lab.attach({ ...attachment, pod: other.pod })).toBe('ok');
    const holder = await openFile(workload);

    const { results, retiredMountPods } = await lab.detachResponse(attachment, { force: true });

    expect(results[0]).toMatchObject({ code: '', rung: 'lazy' });
    expect(retiredMountPods).toEqual([]);
    expect((await workload.exec(['ls', '-A'])).stdout).toBe('');
    expect((await other.workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    await holder.stop('SIGTERM');
    expect(holder.output()).toContain('hello\n');
    expect((await lab.detach({ ...attachment, pod: other.pod })).retired).toEqual([mountPod.uid]);
  });

  test('frees whoever is stuck in a mount that hangs', async () => {
    const { pod, workload, mountPod, attachment } = await attachAnew();
    lab.signalRclone(mountPod, 'SIGSTOP');
    const stuck = workload.exec(['ls', 'data'], { timeoutMs: 60_000 });
    const isOfPod = ({ container }: NodeProcess) => container?.podUid === pod.uid;
    await until('ls is stuck', () =>
      observeProcesses().find((process) => isOfPod(process) && isWaitingForFuse(process.pid)),
    );

    const plain = await lab.detachResponse(attachment, { mountPods: [] });
    expect(plain.results[0]).toMatchObject({
      code: 'IN_USE',
      processes: [{ command: 'ls', path: `${VOLUME_ROOT}/data` }],
    });
    expect((await fetch(lab.healthUrl)).status).toBe(200);
    const forced = await lab.detachResponse(attachment, { mountPods: [], force: true });

    expect(forced.results[0]).toMatchObject({ code: '', rung: 'abort' });
    expect((await stuck).status).not.toBe(0);
    expect((await workload.exec(['ls', '-A'])).stdout).toBe('');
    lab.signalRclone(mountPod, 'SIGCONT');
    await lab.waitForNoServedMounts(mountPod);
  });
});
