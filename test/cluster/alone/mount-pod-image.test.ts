// Is a mount pod whose image is missing waited for, and replaced when the chart names another image?
import { afterAll, expect, it } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { HEAL_MS, ROOT_PATH, Scenario } from '../scenario.ts';
import { findMountPod } from '../storage-client.ts';
import { readMountPodImage, useMountPodImage } from './controller.ts';

const MISSING = 'dynvol/mount-pod:missing';

const usual = await readMountPodImage();

afterAll(() => useMountPodImage(usual));

it('says which image is missing, makes no second mount pod, and heals with the right image', async () => {
  await using scenario = await Scenario.create('image');
  const pod = await scenario.runningPod();
  await useMountPodImage(MISSING);

  const claim = await scenario.claim();

  await claim.waitReason('MountPodNotReady', HEAL_MS);
  const { metadata } = await findMountPod(pod);
  const hasFailed = async () => (await claim.status())['failed'] === 1;
  await waitUntil('the agent has given up to wait', hasFailed, 120_000);
  expect(await claim.waitReason('MountPodNotReady')).toContain(MISSING);
  expect((await findMountPod(pod)).metadata?.uid).toBe(metadata?.uid);

  await useMountPodImage(usual);
  await claim.waitReady(120_000);
  expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  await claim.delete();
  await expectNothingLeft(scenario);
}, 400_000);
