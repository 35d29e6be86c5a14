// Is a mount pod whose image is missing waited for, and replaced when the chart names another image?
import { afterAll, expect, it } from 'vitest';
import { COMPONENTS, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { waitUntil } from '../../wait-until.ts';
import { find } from '../kube.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { runOk } from '../programs.ts';
import { HEAL_MS, ROOT_PATH, Scenario } from '../scenario.ts';
import { findMountPod } from '../storage-client.ts';

const name = COMPONENTS.controller;
const controller = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: SYSTEM_NAMESPACE },
};
const MISSING = 'dynvol/mount-pod:missing';

interface Variable {
  name: string;
  value: string;
}

/** The image that the controllers give to mount pods. */
async function readImage(): Promise<string> {
  const deployment = await find(controller);
  const env: Variable[] = deployment?.['spec'].template.spec.containers[0].env ?? [];
  return String(env.find((one) => one.name === 'MOUNT_POD_IMAGE')?.value);
}

/** Gives another image to the mount pods to come, as an upgrade does. */
async function useImage(image: string): Promise<void> {
  const deployment = `deployment/${name}`;
  const where = ['-n', SYSTEM_NAMESPACE];
  await runOk('kubectl', ['set', 'env', ...where, deployment, `MOUNT_POD_IMAGE=${image}`]);
  await runOk('kubectl', ['rollout', 'status', ...where, deployment, '--timeout=120s']);
}

const usual = await readImage();

afterAll(() => useImage(usual));

it('says which image is missing, makes no second mount pod, and heals with the right image', async () => {
  await using scenario = await Scenario.create('image');
  const pod = await scenario.runningPod();
  await useImage(MISSING);

  const claim = await scenario.claim();

  await claim.waitReason('MountPodNotReady', HEAL_MS);
  const { metadata } = await findMountPod(pod);
  const hasFailed = async () => (await claim.status())['failed'] === 1;
  await waitUntil('the agent has given up to wait', hasFailed, 120_000);
  expect(await claim.waitReason('MountPodNotReady')).toContain(MISSING);
  expect((await findMountPod(pod)).metadata?.uid).toBe(metadata?.uid);

  await useImage(usual);
  await claim.waitReady(120_000);
  expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  await claim.delete();
  await expectNothingLeft(scenario);
}, 400_000);
