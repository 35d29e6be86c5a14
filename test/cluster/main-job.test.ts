// Does storage appear in running pods, and go again, on the real stack?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { find } from './kube.ts';
import { workloadPid } from '../../deploy/stack/pod-processes.ts';
import { findNodeMounts, NODES } from './node.ts';
import { runOk } from './programs.ts';
import { getObject } from './s3.ts';
import { ROOT_PATH, Scenario } from './scenario.ts';

describe.concurrent('a claim', () => {
  let scenario: Scenario;

  beforeAll(async () => {
    scenario = await Scenario.create('main');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('makes the bucket readable in the running container and deleting it takes it away', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'story' } });
    const before = await pod.identity();
    expect(await pod.shellOk(`ls ${ROOT_PATH}`)).toBe('');

    const claim = await scenario.readyClaim({ name: 'story', selector: { app: 'story' } });
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toBe('hello from the bucket\n');
    expect(await pod.identity()).toBe(before);
    const table = await runOk('kubectl', ['get', 'dvc', '-n', scenario.namespace, 'story']);
    expect(table).toMatch(/PROVIDER +CLASS +MOUNTPOINT +READY +ATTACHED +AGE/);
    expect(table).toMatch(new RegExp(`s3 +${scenario.className} +/data +True +1/1`));

    await claim.delete();
    expect(await pod.fuseMounts()).toEqual([]);
    expect(await pod.shellOk(`ls ${ROOT_PATH}`)).toBe('');
    await pod.waitNoMountPods();
    await claim.workflow.waitCompleted();
    expect(await pod.identity()).toBe(before);
  });

  it('has a written file in the bucket when close returns', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'writer' } });
    await scenario.readyClaim({ name: 'writer', selector: { app: 'writer' } });

    await pod.shellOk(`echo written > ${ROOT_PATH}/data/written.txt`);

    expect(await getObject(scenario.bucket, 'written.txt')).toBe('written\n');
  });

  it('refuses writes through a read-only claim and beside a mount', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'reader' } });
    await scenario.readyClaim({ name: 'reader', selector: { app: 'reader' }, readOnly: true });

    const through = await pod.shell(`echo x > ${ROOT_PATH}/data/x`);
    const beside = await pod.shell(`echo x > ${ROOT_PATH}/x`);

    expect(through.stderr).toContain('Read-only file system');
    expect(beside.stderr).toContain('Read-only file system');
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });

  it('serves a workload that runs as user 1000, for reading and writing', async () => {
    const pod = await scenario.runningPod({
      labels: { app: 'user' },
      securityContext: { runAsUser: 1000, runAsGroup: 1000 },
    });
    await scenario.readyClaim({ name: 'user', selector: { app: 'user' } });

    expect(await pod.shellOk('id -u')).toBe('1000\n');
    await pod.shellOk(`echo mine > ${ROOT_PATH}/data/user.txt`);
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/user.txt`)).toBe('mine\n');
    expect(await getObject(scenario.bucket, 'user.txt')).toBe('mine\n');
  });

  it('shares a pod with a second claim that stays when the first goes', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'two' } });
    const first = await scenario.readyClaim({ name: 'one', selector: { app: 'two' } });
    await scenario.readyClaim({ name: 'two', selector: { app: 'two' }, mountpoint: '/other/deep' });
    expect(await pod.mountPods()).toHaveLength(1);

    await first.delete();

    expect(await pod.fuseMounts()).toEqual([`${ROOT_PATH}/other/deep`]);
    expect(await pod.shellOk(`cat ${ROOT_PATH}/other/deep/hello.txt`)).toContain('hello');
    expect(await pod.mountPods()).toHaveLength(1);
  });

  it('serves every pod that it matches, with a mount pod for each', async () => {
    const labels = { app: 'pair' };
    const pods = await Promise.all([1, 2].map(() => scenario.runningPod({ labels })));

    const claim = await scenario.readyClaim({ name: 'pair', selector: labels });

    for (const pod of pods) {
      expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
      expect(await pod.mountPods()).toHaveLength(1);
    }
    const status = (await find(claim.ref))?.status;
    expect([status?.matched, status?.attached, status?.attachedOfMatched]).toEqual([2, 2, '2/2']);
  });

  it('waits for a pod that comes later', async () => {
    const claim = await scenario.claim({ name: 'early', selector: { app: 'late' } });
    await claim.waitReason('NoMatchingPods');

    const pod = await scenario.runningPod({ labels: { app: 'late' } });

    await claim.waitReady();
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });

  it('is there again when the container restarts', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'restart' } });
    await scenario.readyClaim({ name: 'restart', selector: { app: 'restart' } });
    const before = await pod.identity();

    process.kill(await workloadPid(pod.uid), 'SIGKILL');
    await waitUntil('the container is another one', async () => (await pod.identity()) !== before);
    await pod.waitRunning();

    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });

  it('shows an object that was put elsewhere within 10 s', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'fresh' } });
    await scenario.readyClaim({ name: 'fresh', selector: { app: 'fresh' } });
    await pod.shellOk(`ls ${ROOT_PATH}/data`);

    await scenario.putText('fresh.txt', 'fresh\n');

    await waitUntil(
      'the new object is listed',
      async () => (await pod.shellOk(`ls ${ROOT_PATH}/data`)).includes('fresh.txt'),
      10_000,
    );
  });

  it('leaves nothing behind when its pod is deleted', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'gone' } });
    const claim = await scenario.readyClaim({ name: 'gone', selector: { app: 'gone' } });

    await pod.delete();

    await pod.waitNoMountPods();
    await claim.waitReason('NoMatchingPods');
    await waitUntil('nothing of the pod is mounted on a node', async () => {
      const found = await Promise.all(NODES.map((node) => findNodeMounts(node, pod.uid)));
      return found.flat().length === 0;
    });
  });
});
