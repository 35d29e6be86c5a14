// What survives an outage of Temporal, and the loss of its database? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { Scenario, type Claim, type Pod } from '../scenario.ts';
import { outage, restart, stack, waitServing } from '../stack.ts';
import { countWorkflows } from '../workflow.ts';
import { runAudit } from './audit.ts';
import { expectUndisturbed } from './traffic.ts';

const timeoutMs = 300_000;
/** Whatever an outage has delayed is done by then. */
const afterMs = 60_000;

describe('Temporal', () => {
  let scenario: Scenario;
  let pods: Pod[];
  let claim: Claim;
  beforeAll(async () => {
    scenario = await Scenario.create('temporal');
    pods = await Promise.all(
      ['node1', 'node2'].map((nodeName) => scenario.runningPod({ nodeName })),
    );
    claim = await scenario.claim();
    await claim.waitAttached(2);
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  const disturb = (action: () => Promise<unknown>) =>
    expectUndisturbed({ pods, bucket: scenario.bucket, action });

  it(
    'may be away: what is mounted serves on, and a claim that is made meanwhile is attached afterwards, once',
    async () => {
      const before = await claim.ready();

      await disturb(async () => {
        let later: Claim | undefined;
        await outage(['temporal'], async () => {
          later = await scenario.claim({ name: 'later', mountpoint: '/later' });
        });
        await later?.waitAttached(2, afterMs);
        expect(await countWorkflows(`WorkflowId = '${later?.workflowId}'`)).toBe(1);
      });

      for (const pod of pods) {
        await pod.waitMounts(['data', 'later']);
        expect(await pod.mountPods()).toHaveLength(1);
      }
      expect(await claim.ready()).toEqual(before);
    },
    timeoutMs,
  );

  it(
    'may be killed in the middle of an attach and a detach',
    async () => {
      await disturb(async () => {
        const next = await scenario.claim({ name: 'next', mountpoint: '/next' });
        await scenario.claim({ name: 'later', mountpoint: '/later', selector: { app: 'nobody' } });
        await restart('temporal');
        await next.waitAttached(2, afterMs);
      });

      for (const pod of pods) await pod.waitMounts(['data', 'next']);
    },
    timeoutMs,
  );

  it(
    'may lose its database: workflows are made again from the claims and adopt what is mounted',
    async () => {
      await disturb(async () => {
        await stack.restart('temporal', true);
        await waitServing();
        const ofScenario = `WorkflowId STARTS_WITH 'dvc/${scenario.namespace}/'`;
        await waitUntil(
          'every claim has a workflow again',
          async () => (await countWorkflows(`${ofScenario} AND ExecutionStatus = 'Running'`)) === 3,
          afterMs,
        );
        await claim.workflow.countEvents();
        expect(await claim.podsIn('Attached')).toHaveLength(2);
        await runAudit();
        await runAudit();
      });
    },
    timeoutMs,
  );

  it(
    'that was lost obeys a person again',
    async () => {
      const [pod] = pods;
      const before = await pod?.seenMount('data');

      await claim.workflow.updateOk('remount');

      await pod?.waitFreshMount('data', String(before?.device));
    },
    timeoutMs,
  );

  it(
    'leaves nothing behind after all that',
    async () => {
      await scenario.destroyClaims();

      for (const pod of pods) expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );
});
