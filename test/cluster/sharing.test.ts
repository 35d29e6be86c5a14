// Which pods share a mount pod, and which mount pods stand ready?
import { describe, expect, it } from 'vitest';
import { MOUNT_POD_LABELS } from '../../api/names.ts';
import { sampleEndpoints } from '../../deploy/stack/addresses.ts';
import { waitUntil } from '../wait-until.ts';
import type { AnyObject } from './kube.ts';
import { expectNothingLeft } from './nothing-left.ts';
import { buildReadables, expectUnnoticed } from './reader.ts';
import { putTexts } from './s3.ts';
import { HEAL_MS, ROOT_PATH, Scenario } from './scenario.ts';

const label = (pod: AnyObject | undefined, key: string) => pod?.metadata?.labels?.[key];
const isWarm = (pod: AnyObject) => label(pod, MOUNT_POD_LABELS.warmPool) !== undefined;
const isReady = (pod: AnyObject) =>
  ((pod['status']?.conditions ?? []) as AnyObject[]).some(
    (condition) => condition['type'] === 'Ready' && condition['status'] === 'True',
  );

describe.concurrent('pods with the dispatch policy shared', () => {
  const labels = { app: 'web' };
  const shared = { labels, dispatchPolicy: 'shared' } as const;

  it('have one mount pod on each node; a pod that is independent has its own', async () => {
    await using scenario = await Scenario.create('share');
    const [one, two, far, alone] = await Promise.all([
      scenario.runningPod({ ...shared, nodeName: 'node1' }),
      scenario.runningPod({ ...shared, nodeName: 'node1' }),
      scenario.runningPod({ ...shared, nodeName: 'node2' }),
      scenario.runningPod({ labels, nodeName: 'node1', dispatchPolicy: 'independent' }),
    ]);
    const claim = await scenario.claim();
    await claim.waitAttached(4);

    const nodes = (await scenario.mountPods()).map((pod) => String(pod['spec'].nodeName)).sort();
    expect(nodes).toEqual(['node1', 'node1', 'node2']);
    expect(await one.sharingKey('data')).toBe(await two.sharingKey('data'));
    expect(await alone.sharingKey('data')).not.toBe(await one.sharingKey('data'));
    expect(await alone.mountPods()).toHaveLength(1);
    for (const pod of [one, two, far, alone]) {
      expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
    }

    await claim.delete();
    await expectNothingLeft(scenario);
  }, 240_000);

  it('share it for another folder, and not for another endpoint or class', async () => {
    await using scenario = await Scenario.create('sharekey');
    const other = await scenario.storageClass({ name: `${scenario.className}-other` });
    const pod = await scenario.runningPod({ ...shared, nodeName: 'node1' });
    await putTexts(scenario.bucket, { 'folder/hello.txt': 'hello\n' });
    const plain = `http://${sampleEndpoints.plain}`;

    await Promise.all([
      scenario.readyClaim({ name: 'first', mountpoint: '/first' }),
      scenario.readyClaim({ name: 'folder', mountpoint: '/folder', prefix: 'folder' }),
      scenario.readyClaim({ name: 'endpoint', mountpoint: '/endpoint', endpoint: plain }),
      scenario.readyClaim({ name: 'class', mountpoint: '/class', className: other }),
    ]);

    const first = await pod.sharingKey('first');
    expect(await pod.sharingKey('folder')).toBe(first);
    expect(await pod.sharingKey('endpoint')).not.toBe(first);
    expect(await pod.sharingKey('class')).not.toBe(first);
    expect(await scenario.mountPods()).toHaveLength(3);
  }, 240_000);

  it('of two namespaces never share one', async () => {
    await using scenario = await Scenario.create('sharens');
    await using other = await Scenario.create('sharens2');
    const options = { ...shared, className: scenario.className, nodeName: 'node1' };
    const mine = await scenario.runningPod(options);
    const theirs = await other.runningPod(options);

    await scenario.readyClaim();
    const claim = await other.readyClaim({ bucket: scenario.bucket });

    expect(await theirs.sharingKey('data')).not.toBe(await mine.sharingKey('data'));
    await claim.delete();
  }, 240_000);

  it('go on reading when another of them goes', async () => {
    await using scenario = await Scenario.create('sharego');
    await putTexts(scenario.bucket, buildReadables('here'));
    const [stays, goes] = await Promise.all([
      scenario.runningPod({ ...shared, nodeName: 'node1' }),
      scenario.runningPod({ ...shared, nodeName: 'node1' }),
    ]);
    const claim = await scenario.claim();
    await claim.waitAttached(2);

    await expectUnnoticed({
      pod: stays,
      mountpoint: 'data',
      isOver: () => true,
      action: async () => {
        await goes.delete();
        await claim.waitAttached(1);
      },
    });
    expect(await scenario.mountPods()).toHaveLength(1);
  }, 240_000);
});

it('a class with a warm pool has a mount pod ready for the first claim of a pod, while such pods run', async () => {
  const parameters = { warmMountPods: '1' };
  await using scenario = await Scenario.create('warm', { storageClass: { parameters } });
  expect(await scenario.mountPods()).toEqual([]);
  const waitWarm = async (isIt: (pod: AnyObject) => boolean): Promise<AnyObject> => {
    let found: AnyObject | undefined;
    await waitUntil(
      'a warm mount pod is ready',
      async () => {
        const warm = (await scenario.mountPods()).filter(isWarm);
        found = warm.find((pod) => isReady(pod) && isIt(pod));
        return found !== undefined && warm.length === 1;
      },
      HEAL_MS,
    );
    return found as AnyObject;
  };

  const pod = await scenario.runningPod({ nodeName: 'node2' });
  const warm = await waitWarm((one) => one['spec'].nodeName === 'node2');

  const claim = await scenario.readyClaim();
  const serving = (await scenario.mountPods()).find((one) => !isWarm(one));
  expect(serving?.metadata?.uid).toBe(warm.metadata?.uid);
  await waitWarm((one) => one.metadata?.uid !== warm.metadata?.uid);

  await pod.delete();
  await claim.delete();
  await expectNothingLeft(scenario);
}, 240_000);
