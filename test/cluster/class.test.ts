// Which class does a claim use, and what happens when an administrator changes, limits or deletes it?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import { find, listEvents, remove, waitForEvent, type AnyObject } from './kube.ts';
import { buildReadables, expectUnnoticed } from './reader.ts';
import { putTexts } from './s3.ts';
import { HEAL_MS, READY_MS, ROOT_PATH, Scenario, type Pod } from './scenario.ts';
import { classRef } from './storage-class.ts';

const file = `${ROOT_PATH}/data/hello.txt`;

const classOf = (mountPod: AnyObject | undefined) =>
  mountPod?.metadata?.annotations?.[`${GROUP}/storage-provider-class`];

describe.concurrent('the class of a claim', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('class');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('is that of its pod when the claim names none', async () => {
    const labels = { app: 'of-pod' };
    const pod = await scenario.runningPod({ labels });

    const claim = await scenario.readyClaim({ name: 'of-pod', selector: labels });

    expect((await claim.status())['storageProviderClassName']).toBe(scenario.className);
    expect((await pod.mountPods()).map(classOf)).toEqual([scenario.className]);
  });

  it('is the one that the claim names, whatever its pod was injected with', async () => {
    const name = await scenario.storageClass({ name: `${scenario.className}-own` });
    const labels = { app: 'own' };
    const pod = await scenario.runningPod({ labels });

    const claim = await scenario.readyClaim({ name: 'own', selector: labels, className: name });

    expect((await claim.status())['storageProviderClassName']).toBe(name);
    expect((await pod.mountPods()).map(classOf)).toEqual([name]);
  });

  it('stays until its last claim has gone, and an Event names who uses it', async () => {
    const name = await scenario.storageClass({ name: `${scenario.className}-used` });
    const labels = { app: 'used' };
    const pod = await scenario.runningPod({ labels, className: name });
    const claim = await scenario.readyClaim({ name: 'used', selector: labels });
    const uid = String((await find(classRef(name)))?.metadata?.uid);

    await remove(classRef(name));

    await waitUntil('an Event names the claim', async () =>
      (await listEvents(uid)).some((event) => event['note'].includes(`${scenario.namespace}/used`)),
    );
    expect((await find(classRef(name)))?.metadata?.deletionTimestamp).toBeDefined();
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
    await claim.delete();
    await waitUntil('the class is gone', async () => !(await find(classRef(name))));
  });

  it('goes at once when no claim uses it', async () => {
    const name = await scenario.storageClass({ name: `${scenario.className}-idle` });

    await remove(classRef(name));

    await waitUntil('the class is gone', async () => !(await find(classRef(name))));
  });
});

describe.concurrent('changed parameters of a class', () => {
  it('bring another mount pod beneath the readers, and the former one goes with its last open file', async () => {
    await using scenario = await Scenario.create('params');
    await putTexts(scenario.bucket, buildReadables('here'));
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    const [former] = await pod.mountPods();
    const before = await pod.seenMount('data');

    await expectUnnoticed({
      pod,
      mountpoint: 'data',
      isOver: (_text, device) => device !== before.device,
      action: () => scenario.storageClass({ parameters: { memoryLimit: '60Mi' } }),
    });

    await claim.waitReady();
    await waitOnlyMountPod(pod, (one) => one.metadata?.uid !== former?.metadata?.uid);
    const [fresh] = await pod.mountPods();
    expect(fresh?.spec.containers[0].resources.limits.memory).toBe('60Mi');
    expect(await pod.fuseMounts()).toEqual([`${ROOT_PATH}/data`]);
  }, 240_000);
});

describe.concurrent('a class that is limited', () => {
  const outside = { allowedNamespaces: { matchLabels: { team: 'storage' } } };
  const elsewhere = { allowedEndpoints: ['*.example.com'] };

  it.each([
    { title: 'namespaces', limits: outside, says: 'namespace' },
    { title: 'endpoints', limits: elsewhere, says: 's3.storage.svc' },
  ])('by its allowed $title refuses a claim that names it', async ({ limits, says }) => {
    await using scenario = await Scenario.create('limit', { storageClass: limits });

    const refused = scenario.claim({ className: scenario.className });

    await expect(refused).rejects.toThrow(scenario.className);
    await expect(refused).rejects.toThrow(says);
  });

  it.each([
    { title: 'namespaces', limits: outside },
    { title: 'endpoints', limits: elsewhere },
  ])(
    'by its allowed $title serves no claim of a pod injected with it, until it is widened',
    async ({ limits }) => {
      await using scenario = await Scenario.create('limitpod', { storageClass: limits });
      const pod = await scenario.runningPod();

      const claim = await scenario.claim();
      expect(await claim.waitReason('ClassNotAllowed')).toContain(scenario.className);
      expect(await pod.fuseMounts()).toEqual([]);

      await scenario.storageClass();
      await claim.waitReady(HEAL_MS);
      expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
    },
    240_000,
  );

  it('serves who fits, and leaves what is mounted when it is narrowed', async () => {
    await using scenario = await Scenario.create('limitfit', {
      labels: { team: 'storage' },
      storageClass: { ...outside, allowedEndpoints: ['*.storage.svc:443'] },
    });
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim({ className: scenario.className });

    await scenario.storageClass(elsewhere);

    expect(await claim.waitCondition('ClassNotAllowed')).toContain(scenario.className);
    expect((await claim.ready())?.['status']).toBe('True');
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
  }, 240_000);
});

it('a mount pod that is throttled by its CPU limit is told of in an Event with the figures', async () => {
  // Starting rclone takes more than a tenth of a second of processor time: many seconds at a hundredth.
  const parameters = { cpuLimit: '10m' };
  await using scenario = await Scenario.create('throttle', { storageClass: { parameters } });
  await scenario.runningPod();
  const claim = await scenario.claim();

  await claim.waitReady(READY_MS * 2);

  // Told by the attach, or else by the audit, which comes once a minute.
  const text = await waitForEvent(claim.uid, 'MountPodThrottled', 2 * READY_MS);
  expect(text).toContain('10m');
  expect(text).toMatch(/throttled in \d+ of \d+ periods, [\d.]+ s/);
}, 300_000);

async function waitOnlyMountPod(pod: Pod, isIt: (mountPod: AnyObject) => boolean): Promise<void> {
  await waitUntil(
    `${pod.name} has one mount pod, the right one`,
    async () => {
      const mountPods = await pod.mountPods();
      return mountPods.length === 1 && mountPods.every(isIt);
    },
    HEAL_MS,
  );
}
