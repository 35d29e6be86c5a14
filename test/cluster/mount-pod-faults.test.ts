// Is a mount pod that is lost replaced by exactly one, and one that cannot start explained?
import { describe, expect, it } from 'vitest';
import { ALLOW_EVICTION_ANNOTATION } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import { evict, failAsEvicted } from './eviction.ts';
import { mergePatch, remove, type AnyObject } from './kube.ts';
import { expectNothingLeft } from './nothing-left.ts';
import { runOk } from './programs.ts';
import { HEAL_MS, ROOT_PATH, Scenario, type Pod } from './scenario.ts';
import { findMountPod } from './storage-client.ts';

const file = `${ROOT_PATH}/data/hello.txt`;
const timeoutMs = 300_000;

/** Milliseconds for two drift audits, which take away what nobody wants any more. */
const AUDITED_MS = 180_000;

const refer = ({ metadata }: AnyObject) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: String(metadata?.name), namespace: String(metadata?.namespace) },
});

const isThereToStay = ({ metadata, status }: AnyObject) =>
  !metadata?.deletionTimestamp && status?.phase !== 'Failed';

/** Makes the mount pod go, waits for its successor, and tells how many there were at once, and in all. */
async function replace(pod: Pod, act: (mountPod: AnyObject) => Promise<unknown>) {
  const former = await findMountPod(pod);
  const seen = new Set([String(former.metadata?.uid)]);
  let most = 0;
  const look = async () => {
    const staying = (await pod.mountPods()).filter(isThereToStay);
    most = Math.max(most, staying.length);
    for (const { metadata } of staying) seen.add(String(metadata?.uid));
  };
  const acting = act(former);
  const isServing = async () => {
    await look();
    return seen.size > 1 && (await pod.shell(`cat ${file}`)).stdout.includes('hello');
  };
  await waitUntil(`${pod.name} is served by another mount pod`, isServing, HEAL_MS);
  const isAlone = async () => {
    await look();
    return (await pod.mountPods()).length === 1;
  };
  await waitUntil('the former mount pod is gone', isAlone, HEAL_MS);
  await acting;
  return { most, inAll: seen.size };
}

async function deleteByForce({ metadata }: AnyObject): Promise<void> {
  const how = ['--grace-period=0', '--force'];
  await runOk('kubectl', ['delete', 'pod', '-n', 'dynvol-mounts', String(metadata?.name), ...how]);
}

async function evictWithLeave(mountPod: AnyObject): Promise<void> {
  const annotations = { [ALLOW_EVICTION_ANNOTATION]: 'true' };
  await mergePatch(refer(mountPod), { metadata: { annotations } });
  expect(await evict(mountPod)).toBeUndefined();
}

describe.concurrent('a mount pod', () => {
  it.each([
    ['deleted', (mountPod: AnyObject) => remove(refer(mountPod))],
    ['deleted by force', deleteByForce],
    ['evicted with leave', evictWithLeave],
    ['failed by the kubelet', failAsEvicted],
  ])(
    'that is %s is replaced by exactly one',
    async (_how, act) => {
      await using scenario = await Scenario.create('lost');
      const pod = await scenario.runningPod();
      const claim = await scenario.readyClaim();
      const identity = await pod.identity();

      expect(await replace(pod, act)).toEqual({ most: 1, inAll: 2 });

      await claim.waitReady();
      expect(await pod.identity()).toBe(identity);
      await pod.waitMounts(['data'], HEAL_MS);
      await claim.delete();
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );

  it(
    'in use is not evicted, and whoever tries learns for whom',
    async () => {
      await using scenario = await Scenario.create('inuse');
      const pod = await scenario.runningPod();
      const claim = await scenario.readyClaim();
      const mountPod = await findMountPod(pod);

      const refusal = await evict(mountPod);

      expect(refusal?.status).toBe(429);
      expect(refusal?.message).toContain(`serves pod ${scenario.namespace}/${pod.name}`);
      expect(refusal?.message).toContain(ALLOW_EVICTION_ANNOTATION);
      expect((await findMountPod(pod)).metadata?.uid).toBe(mountPod.metadata?.uid);
      await claim.delete();
      await pod.waitNoMountPods();
    },
    timeoutMs,
  );

  it(
    'that no node has room for is waited for, not made again, until its class asks for less',
    async () => {
      const huge = { memoryRequest: '200Gi', memoryLimit: '200Gi' };
      await using scenario = await Scenario.create('full', { storageClass: { parameters: huge } });
      const pod = await scenario.runningPod();
      const claim = await scenario.claim();

      const message = await claim.waitReason('MountPodNotReady', HEAL_MS);

      const { metadata } = await findMountPod(pod);
      expect(message).toContain(metadata?.name);
      expect(message).toContain('Insufficient memory');
      // A retry makes no other one.
      const hasFailed = async () => (await claim.status())['failed'] === 1;
      await waitUntil('the agent has given up to wait', hasFailed, 120_000);
      expect((await findMountPod(pod)).metadata?.uid).toBe(metadata?.uid);

      await scenario.storageClass();
      await claim.waitReady();
      expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
      await claim.delete();
      await expectNothingLeft(scenario, AUDITED_MS);
    },
    timeoutMs,
  );
});
