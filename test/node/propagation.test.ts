// Is a container found that a mount does not reach?
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

test('names the container whose volumeMount is not HostToContainer, and serves the others', async () => {
  const { pod, workload } = await lab.runPod();
  const deaf = await lab.startWorkload(pod, { propagation: 'rprivate' });
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };

  const result = await lab.attachResult(attachment);

  const { containerId } = deaf;
  const id = containerId.slice(0, 12);
  expect(result).toEqual({
    ...{ podUid: pod.uid, mountpoint: 'data', ownerUid: '', rung: '' },
    code: 'PROPAGATION_MISSING',
    message: `Container ${id} does not see mountpoint data: give the volumeMount of the volume root mountPropagation HostToContainer and start the pod again`,
    processes: [{ podUid: pod.uid, containerId, pid: 0, command: '', path: '' }],
    pendingUploads: 0,
  });
  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  expect((await lab.attachResult(attachment)).code).toBe('PROPAGATION_MISSING');
  await deaf.stop('SIGKILL');
  expect(await lab.attach(attachment)).toBe('ok');
});

test('does not take a process with a mount table of its own for its container', async () => {
  const pod = lab.makePod();
  await lab.publish(pod);
  const sandbox = await lab.startWorkload(pod, { propagation: 'rprivate' });
  const { containerId } = sandbox;
  const workload = await lab.startWorkload(pod, { containerId });
  const mountPod = await lab.startMountPod();

  expect(await lab.attach({ pod, mountPod, s3: lab.storage.bucket('images') })).toBe('ok');

  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
});
