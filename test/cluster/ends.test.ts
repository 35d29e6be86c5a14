// Does every end, in any order and at every moment, leave nothing behind?
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { startHolder } from './holder.ts';
import { remove } from './kube.ts';
import { expectNothingLeft } from './nothing-left.ts';
import { S3Gate } from './s3-gate.ts';
import { HEAL_MS, ROOT_PATH, Scenario, type Claim, type Pod } from './scenario.ts';

/** What a case has, and what may end. */
interface Field {
  scenario: Scenario;
  pod: Pod;
  claim: Claim;
  gate: S3Gate;
}

/** Brings the claim to a moment of its life. */
const MOMENTS = {
  'before its mount pod': (field: Omit<Field, 'claim'>) => field.scenario.claim(),
  'while its mount pod starts': async ({ scenario }: Omit<Field, 'claim'>) => {
    const claim = await scenario.claim();
    await waitUntil('a mount pod is made', async () => (await scenario.mountPods()).length > 0);
    return claim;
  },
  'during the attach': async ({ scenario, gate }: Omit<Field, 'claim'>) => {
    gate.hold('everything');
    const claim = await scenario.claim({ endpoint: gate.endpoint });
    await waitUntil('the server is asked', () => gate.waiting > 0, HEAL_MS);
    return claim;
  },
  'while it is served': (field: Omit<Field, 'claim'>) => field.scenario.readyClaim(),
  'during another detach': async ({ scenario, pod }: Omit<Field, 'claim'>) => {
    const claim = await scenario.readyClaim();
    await startHolder(pod, 'an open file', `${ROOT_PATH}/data`);
    await claim.remove();
    await claim.waitCondition('InUse');
    return claim;
  },
};

/** Asks for an end and does not wait for it. */
const ENDS = {
  claim: ({ claim }: Field) => claim.remove(),
  pod: ({ pod }: Field) => pod.remove(),
  'pod by force': ({ pod }: Field) => pod.deleteByForce(),
  class: ({ scenario }: Field) => remove(scenario.classRef()),
  Secret: ({ scenario }: Field) => remove(scenario.secretRef()),
  namespace: ({ scenario }: Field) => remove(scenario.namespaceRef()),
};

interface Case {
  moment: keyof typeof MOMENTS;
  ends: (keyof typeof ENDS)[];
}

const cases: Case[] = [
  { moment: 'before its mount pod', ends: ['claim'] },
  { moment: 'before its mount pod', ends: ['pod'] },
  { moment: 'before its mount pod', ends: ['Secret', 'class', 'claim'] },
  { moment: 'while its mount pod starts', ends: ['claim'] },
  { moment: 'while its mount pod starts', ends: ['pod by force'] },
  { moment: 'while its mount pod starts', ends: ['namespace'] },
  { moment: 'during the attach', ends: ['claim'] },
  { moment: 'during the attach', ends: ['pod', 'claim'] },
  { moment: 'during the attach', ends: ['Secret', 'pod by force'] },
  { moment: 'while it is served', ends: ['claim', 'pod'] },
  { moment: 'while it is served', ends: ['Secret', 'class', 'claim'] },
  { moment: 'while it is served', ends: ['class', 'pod by force', 'claim'] },
  { moment: 'while it is served', ends: ['namespace'] },
  { moment: 'during another detach', ends: ['pod'] },
  { moment: 'during another detach', ends: ['Secret', 'class', 'pod by force'] },
  { moment: 'during another detach', ends: ['namespace'] },
];

describe.concurrent('a claim', () => {
  it.each(cases.map((one) => ({ ...one, title: one.ends.join(', then ') })))(
    'leaves nothing when what ends $moment is: $title',
    async ({ moment, ends }) => {
      await using gate = await S3Gate.open();
      await using scenario = await Scenario.create('ends');
      const pod = await scenario.runningPod();
      const claim = await MOMENTS[moment]({ scenario, pod, gate });
      const field = { scenario, pod, claim, gate };

      for (const end of ends) await ENDS[end](field);
      gate.release();
      await Promise.all([claim.remove(), pod.remove()]);

      await expectNothingLeft(scenario);
    },
    180_000,
  );
});

describe.concurrent('a pod that is replaced by another one of its name', () => {
  it('is never mixed up with it', async () => {
    await using scenario = await Scenario.create('samename');
    const former = await scenario.runningPod({ name: 'twin', nodeName: 'node1' });
    const claim = await scenario.readyClaim();

    await former.deleteByForce();
    const fresh = await scenario.runningPod({ name: 'twin', nodeName: 'node1' });

    await waitUntil(
      'the claim serves the new pod',
      async () => {
        const pods = (await claim.status())['pods'] as { uid: string; state: string }[];
        return pods.map(({ uid, state }) => `${uid} ${state}`).join() === `${fresh.uid} Attached`;
      },
      HEAL_MS,
    );
    expect(await fresh.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
    await former.waitNoMountPods();
    await claim.delete();
    await fresh.delete();
    await expectNothingLeft(scenario);
  }, 180_000);
});

describe.concurrent('a workflow that a person ends', () => {
  const readFile = (pod: Pod) => pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`);

  it('is started again by the next change, adopts what is mounted and cleans it up', async () => {
    await using scenario = await Scenario.create('terminate');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    const [before, former] = [await pod.seenMount('data'), await claim.workflow.runId()];

    await claim.workflow.terminate();
    const late = await scenario.runningPod();
    await claim.workflow.waitOtherRun(former);
    await claim.waitAttached(2);

    expect(await pod.seenMount('data')).toEqual(before);
    expect(await readFile(late)).toContain('hello');
    await claim.delete();
    expect(await pod.fuseMounts()).toEqual([]);
    await expectNothingLeft(scenario);
  }, 180_000);

  it('is cleaned up when the claim is deleted after it was terminated', async () => {
    await using scenario = await Scenario.create('termdel');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();

    await claim.workflow.terminate();
    await claim.delete();

    expect(await pod.fuseMounts()).toEqual([]);
    await expectNothingLeft(scenario);
  }, 180_000);

  it('leaves no source of a bucket and selector that were edited after it was terminated', async () => {
    await using scenario = await Scenario.create('termedit');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    await claim.workflow.terminate();

    await scenario.claim({ selector: { app: 'nobody' }, prefix: 'elsewhere' });

    await pod.waitMounts([]);
    await claim.delete();
    await expectNothingLeft(scenario);
  }, 180_000);

  it('adopts what is mounted when it is reset to its beginning', async () => {
    await using scenario = await Scenario.create('reset');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    const [before, former] = [await pod.seenMount('data'), await claim.workflow.runId()];

    await claim.workflow.reset();
    await claim.workflow.waitOtherRun(former);
    const knowsMounts = async () => {
      const status = (await claim.workflow.query('status')) as { mounts: Record<string, object> };
      return 'served' in (status.mounts[pod.uid] ?? {});
    };
    await waitUntil('the new run knows what is mounted', knowsMounts, HEAL_MS);

    await claim.waitReady();
    expect(await pod.seenMount('data')).toEqual(before);
    expect(await readFile(pod)).toContain('hello');
    await claim.delete();
    await expectNothingLeft(scenario);
  }, 180_000);
});
