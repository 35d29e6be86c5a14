// What does a user's container see when it, or the storage client beneath it, ends or stops answering?
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { POD_ANNOTATIONS } from '../../api/names.ts';
import { findDevice, readDuring } from '../../deploy/demo/reader.ts';
import { firstNode, nodePath } from '../../deploy/stack/nodes.ts';
import { workloadPid } from '../../deploy/stack/pod-processes.ts';
import { waitUntil } from '../wait-until.ts';
import { startHolder } from './holder.ts';
import { find, waitFor, waitForEvent, type AnyObject } from './kube.ts';
import { expectNothingLeft } from './nothing-left.ts';
import { buildContainer } from './pod.ts';
import { S3Gate } from './s3-gate.ts';
import { HEAL_MS, ROOT_PATH, Scenario, type Claim, type Pod } from './scenario.ts';
import { findMountPod, findRclone, signalRclone, startShortage } from './storage-client.ts';

const folder = `${ROOT_PATH}/data`;
const file = `${folder}/hello.txt`;
const timeoutMs = 240_000;

const read = (pod: Pod) => pod.shell(`cat ${file}`);

async function waitReadable(pod: Pod, withinMs = HEAL_MS): Promise<void> {
  const isReadable = async () => (await read(pod)).stdout.includes('hello');
  await waitUntil(`${pod.name} can read`, isReadable, withinMs);
}

interface Served {
  pod: Pod;
  claim: Claim;
  identity: string;
  device: string;
  mountPodUid: string | undefined;
}

async function serve(scenario: Scenario): Promise<Served> {
  const pod = await scenario.runningPod();
  const claim = await scenario.readyClaim();
  const { device } = await pod.seenMount('data');
  const { metadata } = await findMountPod(pod);
  return { pod, claim, identity: await pod.identity(), device, mountPodUid: metadata?.uid };
}

/** Nobody did anything; the same container has one live mount, of the same mount pod, and the claim tells of it. */
async function expectHealed({ pod, claim, identity, mountPodUid }: Served): Promise<void> {
  expect((await read(pod)).stdout).toContain('hello');
  expect(await pod.identity()).toBe(identity);
  expect(await pod.fuseMounts()).toEqual([folder]);
  expect((await findMountPod(pod)).metadata?.uid).toBe(mountPodUid);
  expect(await waitForEvent(claim.uid, 'MountRecovered', HEAL_MS)).not.toBe('');
  await claim.waitReady();
}

async function expectCleanEnd(scenario: Scenario, claim: Claim): Promise<void> {
  await claim.delete();
  await expectNothingLeft(scenario);
}

describe.concurrent('a storage client', () => {
  it.each([
    { how: 'killed', signal: 'SIGKILL' },
    { how: 'ended in good order, unasked,', signal: 'SIGTERM' },
  ] as const)(
    'that is $how serves again by itself',
    async ({ signal }) => {
      await using scenario = await Scenario.create('client');
      const served = await serve(scenario);
      const { pod, device } = served;

      await readDuring(
        pod.uid,
        file,
        (text, mounts) => text !== '' && findDevice(mounts, folder) !== device,
        () => signalRclone(pod, signal),
      );

      await expectHealed(served);
      await expectCleanEnd(scenario, served.claim);
    },
    timeoutMs,
  );

  it(
    'that the kernel ends for want of memory serves again when there is some',
    async () => {
      await using scenario = await Scenario.create('oom');
      const served = await serve(scenario);
      const { pod, device } = served;
      {
        // Of 50Mi.
        await using shortage = await startShortage(pod, 44 * 1024 * 1024);
        const isKilled = async () => (await shortage.countKills()) > 0;
        await waitUntil('the kernel has ended it', isKilled, HEAL_MS);
      }

      await pod.waitFreshMount('data', device, HEAL_MS);
      await waitReadable(pod);
      await expectHealed(served);
      await expectCleanEnd(scenario, served.claim);
    },
    timeoutMs,
  );

  it(
    'that stops answering is told of as MountHung and replaced, and whoever waited is let go',
    async () => {
      await using scenario = await Scenario.create('hung');
      const served = await serve(scenario);
      const { pod, claim, device } = served;
      const stopped = await findRclone(pod);
      await signalRclone(pod, 'SIGSTOP');
      // Reads on a hung mount are made in the container alone: four would stop this process for good.
      const waiting = read(pod);

      const message = await claim.waitCondition('MountHung', HEAL_MS);

      expect(message).toContain(pod.name);
      await pod.waitFreshMount('data', device, 120_000);
      await waiting;
      expect(await findRclone(pod)).not.toBe(stopped);
      await waitReadable(pod);
      await expectHealed(served);
      await expectCleanEnd(scenario, claim);
    },
    timeoutMs,
  );
});

describe.concurrent('a container', () => {
  it(
    'starts again over a dead mount, and has it back while it runs',
    async () => {
      await using scenario = await Scenario.create('dead');
      await using gate = await S3Gate.open();
      const pod = await scenario.runningPod();
      const claim = await scenario.readyClaim({ endpoint: gate.endpoint });
      const before = await pod.identity();
      // Without the server the mount cannot be made anew: it stays dead.
      gate.hold('everything');
      await signalRclone(pod, 'SIGKILL');
      await waitUntil('the mount is dead', async () => (await read(pod)).status !== 0);

      process.kill(await workloadPid(pod.uid), 'SIGKILL');

      const isAnother = async () => (await pod.identity()) !== before;
      await waitUntil('the container is another one', isAnother, HEAL_MS);
      await pod.waitRunning();
      const restarted = await pod.identity();
      expect(await pod.shellOk(`cd ${ROOT_PATH} && echo started`)).toBe('started\n');
      expect((await read(pod)).status).not.toBe(0);
      const isTold = async () => (await claim.ready())?.['status'] === 'False';
      await waitUntil('the claim tells of it', isTold, 2 * HEAL_MS);
      gate.release();
      await waitReadable(pod, 2 * HEAL_MS);
      expect(await pod.identity()).toBe(restarted);
      await claim.waitReady();
      await expectCleanEnd(scenario, claim);
    },
    timeoutMs,
  );

  it(
    'of a pod with hostPID is served, is named when it holds a file, and lets go',
    async () => {
      await using scenario = await Scenario.create('hostpid');
      const pod = await scenario.runningPod({ spec: { hostPID: true } });
      const bystander = await scenario.runningPod({ labels: { app: 'other' } });
      const claim = await scenario.readyClaim();
      expect((await read(pod)).stdout).toContain('hello');
      const holder = await startHolder(pod, 'an open file', folder);

      await claim.remove();

      const message = await claim.waitReason('InUse');
      expect(message).toContain(pod.name);
      expect(message).toContain(String(holder));
      expect(message).not.toContain(bystander.name);
      process.kill(holder, 'SIGKILL');
      await claim.delete(HEAL_MS);
      expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );
});

/** Where the kubelet of a node finds pods that no API server gave it. */
const STATIC_PODS = nodePath(firstNode, 'static-pods');

function buildStaticPod({ namespace, className }: Scenario): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'static',
      namespace,
      labels: { app: 'web' },
      annotations: {
        [POD_ANNOTATIONS.className]: className,
        [POD_ANNOTATIONS.rootPath]: ROOT_PATH,
      },
    },
    spec: { terminationGracePeriodSeconds: 0, containers: [buildContainer('app')] },
  };
}

it(
  'a static pod runs without a volume root, and a claim that matches it says NotInjected and names it',
  async () => {
    await using scenario = await Scenario.create('static');
    const { namespace } = scenario;
    const manifest = path.join(STATIC_PODS, `${namespace}.json`);
    const name = `static-${firstNode.name}`;
    const mirror = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
    await writeFile(manifest, JSON.stringify(buildStaticPod(scenario)));
    try {
      const runs = (pod: AnyObject) => pod['status']?.phase === 'Running';
      const pod = await waitFor(mirror, 'runs', runs, 2 * HEAL_MS);
      expect(JSON.stringify(pod['spec'].volumes ?? [])).not.toContain('csi');
      const claim = await scenario.claim();

      expect(await claim.waitReason('NotInjected')).toContain(name);
      await claim.delete();
    } finally {
      await rm(manifest);
    }
    await waitUntil('the static pod has gone', async () => !(await find(mirror)), 2 * HEAL_MS);
  },
  timeoutMs,
);
