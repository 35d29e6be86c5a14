// What survives the loss of what all claims need: the controller, a node? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { apply, find, removeAndWait, type AnyObject, type Ref } from '../kube.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { runOk } from '../programs.ts';
import { HEAL_MS, ROOT_PATH, Scenario, type Claim } from '../scenario.ts';
import { runAudit } from './audit.ts';
import { scaleController, withoutController } from './controller.ts';

const timeoutMs = 300_000;
const file = `${ROOT_PATH}/data/hello.txt`;

describe('without a controller', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('nocontrol');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it(
    'what is mounted stays, and a claim that is deleted meanwhile is cleaned up later',
    async () => {
      const selector = { app: 'deleted' };
      const pod = await scenario.runningPod({ labels: selector });
      const claim = await scenario.readyClaim({ name: 'deleted', selector });

      await withoutController(async () => {
        await claim.remove();
        expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
        expect(await find(claim.ref)).toBeDefined();
      });

      await claim.delete();
      expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );

  it(
    'a claim whose workflow was terminated and whose bucket was edited is cleaned up when it is deleted',
    async () => {
      const selector = { app: 'edited' };
      const pod = await scenario.runningPod({ labels: selector });
      const claim = await scenario.readyClaim({ name: 'edited', selector });

      await withoutController(async () => {
        await claim.workflow.terminate();
        await scenario.claim({
          name: 'edited',
          selector: { app: 'nobody' },
          bucket: `${scenario.bucket}-other`,
        });
        await claim.remove();
      });

      await claim.delete();
      expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );

  it(
    'a force-deleted pod and a pod of the same name are told apart afterwards',
    async () => {
      const selector = { app: 'twin' };
      const options = { name: 'twin', labels: selector, nodeName: 'node2' };
      const former = await scenario.runningPod(options);
      const claim = await scenario.readyClaim({ name: 'twin', selector });

      await withoutController(async () => {
        await former.deleteByForce();
        await scenario.runningPod(options);
      });

      const fresh = scenario.pods.at(-1);
      await waitUntil(
        'the new pod is served',
        async () => (await fresh?.fuseMounts())?.length === 1,
        HEAL_MS,
      );
      expect(await fresh?.shellOk(`cat ${file}`)).toContain('hello');
      await former.waitNoMountPods();
      await claim.delete();
    },
    timeoutMs,
  );
});

async function countSignals(claim: Claim): Promise<number> {
  const history = await claim.workflow.history();
  const isSignal = (event: AnyObject) => String(event['eventType']).endsWith('EXECUTION_SIGNALED');
  return history.filter(isSignal).length;
}

it(
  'two controllers share the work, and one of them may go in the middle of it',
  async () => {
    await using scenario = await Scenario.create('two');
    const pod = await scenario.runningPod();
    await scaleController(2);
    try {
      const claim = await scenario.readyClaim();
      expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
      // One of each for the one change.
      expect(await countSignals(claim)).toBeLessThanOrEqual(2);
      const before = await pod.seenMount('data');

      await scaleController(1);
      await scenario.claim({ readOnly: true });

      await claim.waitReady();
      expect((await pod.seenMount('data')).device).toBe(before.device);
      await claim.delete();
      await expectNothingLeft(scenario);
    } finally {
      await scaleController(1);
    }
  },
  timeoutMs,
);

describe('a node that is deleted from Kubernetes', () => {
  const node: Ref = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node2' } };

  it(
    'blocks no claim',
    async () => {
      await using scenario = await Scenario.create('nodegone');
      const [here, there] = await Promise.all(
        ['node1', 'node2'].map((nodeName) => scenario.runningPod({ nodeName })),
      );
      const claim = await scenario.claim();
      await claim.waitAttached(2);
      const former = (await find(node)) as AnyObject;
      try {
        await removeAndWait(node);

        await claim.delete();
        expect(await here?.fuseMounts()).toEqual([]);
        await claim.workflow.waitCompleted();
      } finally {
        await bringBack(former);
        // Nothing else tells the kubelet that a pod of the former node has gone.
        await there?.deleteByForce();
      }
      // What the node still had is no claim's any more.
      await runAudit();
      await runAudit();
      await expectNothingLeft(scenario, 120_000);
    },
    timeoutMs,
  );

  /** A running kubelet does not register again, but it keeps the status of the node that it finds. */
  async function bringBack(former: AnyObject): Promise<void> {
    const { name, labels = {}, annotations = {} } = former.metadata ?? {};
    const { podCIDR, podCIDRs } = former['spec'];
    const spec = podCIDR ? { podCIDR, podCIDRs } : {};
    await apply({ ...node, metadata: { name: String(name), labels, annotations }, spec });
    const ready = ['--for=condition=Ready', '--timeout=120s'];
    await runOk('kubectl', ['wait', 'node/node2', ...ready]);
    const rollout = ['rollout', 'status', '-n', 'dynvol-system', 'daemonset/csi-node'];
    await runOk('kubectl', [...rollout, '--timeout=120s']);
  }
});
