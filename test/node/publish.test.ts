// Does a pod get its volume root, and does it go with everything in it?
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DRIVER_NAME } from '../../api/names.ts';
import { KUBELET_DIR, XVOLS_DIR } from '../../api/paths.ts';
import { CallError } from './agent-client.ts';
import { Lab } from './lab.ts';
import { until } from './processes.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());

async function statusOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'OK',
    (error: unknown) => (error instanceof CallError ? error.status : String(error)),
  );
}

describe('registration', () => {
  test('tells the kubelet the CSI socket', async () => {
    expect(await lab.registration().call('GetInfo', {})).toEqual({
      type: 'CSIPlugin',
      name: DRIVER_NAME,
      endpoint: `${KUBELET_DIR}/plugins/${DRIVER_NAME}/csi.sock`,
      supportedVersions: ['1.0.0'],
    });
    await lab.registration().call('NotifyRegistrationStatus', { pluginRegistered: true });
    await until('it is logged', () => lab.agent.output().includes('Registered with the kubelet'));
  });

  test('tells the node its name and no capability', async () => {
    expect(await lab.csi('Node').call('NodeGetInfo', {})).toMatchObject({ nodeId: 'lab-node' });
    expect(await lab.csi('Node').call('NodeGetCapabilities', {})).toEqual({ capabilities: [] });
    expect(await lab.csi('Identity').call('GetPluginInfo', {})).toMatchObject({
      name: DRIVER_NAME,
    });
    expect(await lab.csi('Identity').call('Probe', {})).toEqual({ ready: { value: true } });
  });

  test('answers the liveness probe', async () => {
    expect((await fetch(lab.healthUrl)).status).toBe(200);
  });

  test('answers UNIMPLEMENTED to calls it does not have', async () => {
    const request = { volumeId: 'x', stagingTargetPath: '/x' };
    expect(await statusOf(lab.csi('Node').call('NodeStageVolume', request))).toBe('UNIMPLEMENTED');
  });
});

describe('NodePublishVolume', () => {
  test('shows one read-only mount, however often it is called', async () => {
    const pod = lab.makePod();
    await lab.publish(pod);
    const mounts = await lab.mounts();

    await Promise.all([lab.publish(pod), lab.publish(pod)]);

    expect(await lab.mounts()).toEqual(mounts);
    expect(mounts.filter((path) => path === pod.targetPath)).toHaveLength(1);
    await lab.unpublish(pod);
  });

  test('gives the volume root a peer group of its own', async () => {
    const pod = lab.makePod();
    await lab.publish(pod);

    const rows = (await lab.host.mountinfo()).split('\n');
    const groups = (part: string) =>
      rows.filter((row) => row.includes(part)).map((row) => /shared:(\d+)/.exec(row)?.[1]);
    const own = new Set(groups(pod.uid));
    const host = groups(' /var/lib ');

    expect(own.size).toBe(1);
    expect(own.has(host[0])).toBe(false);
    await lab.unpublish(pod);
  });

  test('lets nobody write beside a mount', async () => {
    const { pod, workload } = await lab.runPod();
    const { status, stderr } = await workload.exec(['touch', 'file']);

    expect(status).not.toBe(0);
    expect(stderr).toContain('Read-only file system');
    await workload.stop('SIGKILL');
    await lab.unpublish(pod);
  });

  test.for([
    ['no volume id', { volumeId: '' }],
    ['no target path', { targetPath: '' }],
    ['no capability', { volumeCapability: null }],
    ['block access', { volumeCapability: { block: {}, accessMode: { mode: 1 } } }],
    ['a foreign volume id', { volumeId: 'csi-0000' }],
    ['a target path elsewhere', { targetPath: '/etc' }],
    ['a target path with ..', { targetPath: `${KUBELET_DIR}/pods/../../dynamic` }],
    ['no context', { volumeContext: {} }],
  ] as const)('answers INVALID_ARGUMENT to %s', async ([, change]) => {
    const pod = lab.makePod();
    const call = lab.csi('Node').call('NodePublishVolume', { ...pod.publishRequest, ...change });
    expect(await statusOf(call)).toBe('INVALID_ARGUMENT');
    expect(await lab.mounts()).not.toContain(pod.targetPath);
  });

  test('answers ALREADY_EXISTS when something else is mounted at the target path', async () => {
    const pod = lab.makePod();
    lab.host.makeDirectory(pod.targetPath);
    await lab.host.exec(['mount', '-t', 'tmpfs', 'foreign', pod.targetPath]);
    const call = lab.csi('Node').call('NodePublishVolume', pod.publishRequest);
    expect(await statusOf(call)).toBe('ALREADY_EXISTS');
    await lab.unpublish(pod);
  });
});

describe('NodeUnpublishVolume', () => {
  test('answers OK for what is unknown, gone or not ours', async () => {
    const pod = lab.makePod();
    const { volumeId, targetPath } = pod.publishRequest;
    const node = lab.csi('Node');
    await lab.publish(pod);
    for (const request of [
      { volumeId, targetPath },
      { volumeId, targetPath },
      { volumeId: 'never-heard-of', targetPath },
      { volumeId, targetPath: '/etc' },
      { volumeId: '../../etc', targetPath: `${KUBELET_DIR}/pods/x/volumes/y` },
    ])
      expect(await statusOf(node.call('NodeUnpublishVolume', request))).toBe('OK');
  });

  test('answers INVALID_ARGUMENT without an id or a path', async () => {
    const node = lab.csi('Node');
    for (const request of [
      { volumeId: '', targetPath: '/x' },
      { volumeId: 'x', targetPath: '' },
    ])
      expect(await statusOf(node.call('NodeUnpublishVolume', request))).toBe('INVALID_ARGUMENT');
  });

  test('takes live mounts away and leaves nothing behind', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const s3 = lab.storage.bucket('images');
    expect(await lab.attach({ pod, mountPod, s3, mountpoint: 'a/b' })).toBe('ok');
    await workload.stop('SIGKILL');

    await lab.unpublish(pod);

    expect(await lab.mounts()).toEqual(['/var/lib/dynamic/stage']);
    expect(readdirSync(lab.host.path(XVOLS_DIR))).toEqual([]);
    expect(readdirSync(lab.host.path('/var/lib/dynamic/stage'))).toEqual([]);
    await lab.waitForNoServedMounts(mountPod);
    expect(lab.storage.read('images', 'hello.txt')).toBe('hello\n');
  });
});
