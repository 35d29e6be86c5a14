// Which pods does a claim serve, as pods and labels come and go, on two nodes?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPONENT_LABEL, COMPONENTS, POD_ANNOTATIONS, SYSTEM_NAMESPACE } from '../../api/names.ts';
import { waitForEvent } from './kube.ts';
import { HEAL_MS, ROOT_PATH, Scenario } from './scenario.ts';

const file = `${ROOT_PATH}/data/hello.txt`;

describe.concurrent('a claim', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('choose');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('chooses pods by matchExpressions', async () => {
    const [gold, silver, none] = await Promise.all([
      scenario.runningPod({ labels: { app: 'tiers', tier: 'gold' } }),
      scenario.runningPod({ labels: { app: 'tiers', tier: 'silver' } }),
      scenario.runningPod({ labels: { app: 'tiers' } }),
    ]);

    const claim = await scenario.claim({
      name: 'expressions',
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['tiers', 'others'] },
        { key: 'tier', operator: 'Exists' },
        { key: 'tier', operator: 'NotIn', values: ['silver'] },
      ],
    });

    await claim.waitReady();
    expect(await claim.podsIn('Attached')).toEqual([gold.name]);
    expect(await silver.fuseMounts()).toEqual([]);
    expect(await none.fuseMounts()).toEqual([]);
    expect((await claim.status())['matched']).toBe(1);
  });

  it('follows a label that a pod gains and loses', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'unlabelled' } });
    const claim = await scenario.claim({ name: 'labels', selector: { mounts: 'please' } });
    await claim.waitReason('NoMatchingPods');

    await pod.label({ mounts: 'please' });
    await claim.waitReady();
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');

    await pod.label({ mounts: null });
    await pod.waitMounts([]);
    await claim.waitReason('NoMatchingPods');
    await pod.waitNoMountPods();
  });

  it('lets go of a pod that finishes, and does not count it', async () => {
    const pod = await scenario.runningPod({
      labels: { app: 'job' },
      command: ['sh', '-c', 'while [ ! -e /tmp/done ]; do sleep 0.2; done'],
      spec: { restartPolicy: 'Never' },
    });
    const claim = await scenario.readyClaim({ name: 'job', selector: { app: 'job' } });

    await pod.shellOk('touch /tmp/done');

    await claim.waitReason('NoMatchingPods', HEAL_MS);
    expect((await claim.status())['matched']).toBe(0);
    await pod.waitNoMountPods();
  });

  it('serves pods on two nodes with one agent call for each node', async () => {
    const labels = { app: 'spread' };
    const pods = await Promise.all(
      ['node1', 'node1', 'node2'].map((nodeName) => scenario.runningPod({ labels, nodeName })),
    );

    const claim = await scenario.claim({ name: 'spread', selector: labels });

    await claim.waitAttached(3);
    for (const pod of pods) expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
    const calls = await claim.workflow.scheduled('attachNode');
    const podsByNode = calls.map((call) => `${call['node']}: ${call['targets'].length}`);
    expect(podsByNode.sort()).toEqual(['node1: 2', 'node2: 1']);
  });

  it('serves the others when one of its nodes loses a pod', async () => {
    const labels = { app: 'shrink' };
    const [stays, goes] = await Promise.all(
      ['node1', 'node2'].map((nodeName) => scenario.runningPod({ labels, nodeName })),
    );
    const claim = await scenario.claim({ name: 'shrink', selector: labels });
    await claim.waitAttached(2);
    const before = await stays?.seenMount('data');

    await goes?.delete();

    await claim.waitAttached(1);
    expect(await stays?.seenMount('data')).toEqual(before);
    await goes?.waitNoMountPods();
  });

  it('counts and names a pod without a volume root, and tells the pod how to get one', async () => {
    const labels = { app: 'mixed' };
    const [bare, served] = await Promise.all([
      scenario.runningPod({ labels, annotated: false }),
      scenario.runningPod({ labels }),
    ]);

    const claim = await scenario.readyClaim({ name: 'mixed', selector: labels });

    const status = await claim.status();
    expect([status['matched'], status['attached'], status['notInjected']]).toEqual([2, 1, 1]);
    expect(await claim.podsIn('Attached')).toEqual([served.name]);
    expect(await claim.podsIn('NotInjected')).toEqual([bare.name]);
    const advice = await waitForEvent(bare.uid, 'NotInjected');
    expect(advice).toContain(POD_ANNOTATIONS.className);
    expect(advice).toContain('mixed');
  });

  it('is not for pods of another namespace', async () => {
    await using other = await Scenario.create('choose2');
    const labels = { app: 'elsewhere' };
    const stranger = await other.runningPod({ labels });

    const claim = await scenario.claim({ name: 'elsewhere', selector: labels });

    await claim.waitReason('NoMatchingPods');
    expect(await stranger.fuseMounts()).toEqual([]);
  });

  it('is never for the pods of the product itself', async () => {
    const claim = await scenario.claim({
      name: scenario.namespace,
      namespace: SYSTEM_NAMESPACE,
      selector: { [COMPONENT_LABEL]: COMPONENTS.controller },
    });
    try {
      await claim.waitReason('NoMatchingPods');
      expect((await claim.status())['matched']).toBe(0);
    } finally {
      await claim.delete();
    }
  });
});
