// What survives an outage of Temporal, and the loss of its database? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import type { Claim } from '../scenario.ts';
import { outage, restart, stack, waitServing } from '../stack.ts';
import { countWorkflows } from '../workflow.ts';
import { runAudit } from './audit.ts';
import { serveTwoNodes, type TwoNodes } from './two-nodes.ts';

const timeoutMs = 300_000;
/** Whatever an outage has delayed is done by then. */
const afterMs = 60_000;

describe('Temporal', () => {
  let site: TwoNodes;
  beforeAll(async () => {
    site = await serveTwoNodes('temporal');
  });
  afterAll(() => site.scenario.destroy());

  it(
    'may be away: what is mounted serves on, and a claim that is made meanwhile is attached afterwards, once',
    async () => {
      const before = await site.claim.ready();

      await site.disturb(async () => {
        let later: Claim | undefined;
        await outage(['temporal'], async () => {
          later = await site.scenario.claim({ name: 'later', mountpoint: '/later' });
        });
        await later?.waitAttached(2, afterMs);
        expect(await countWorkflows(`WorkflowId = '${later?.workflowId}'`)).toBe(1);
      });

      for (const pod of site.pods) {
        await pod.waitMounts(['data', 'later']);
        expect(await pod.mountPods()).toHaveLength(1);
      }
      expect(await site.claim.ready()).toEqual(before);
    },
    timeoutMs,
  );

  it(
    'may be killed in the middle of an attach and a detach',
    async () => {
      await site.disturb(async () => {
        const next = await site.scenario.claim({ name: 'next', mountpoint: '/next' });
        await site.scenario.claim({
          name: 'later',
          mountpoint: '/later',
          selector: { app: 'nobody' },
        });
        await restart('temporal');
        await next.waitAttached(2, afterMs);
      });

      for (const pod of site.pods) await pod.waitMounts(['data', 'next']);
    },
    timeoutMs,
  );

  it(
    'may lose its database: workflows are made again from the claims and adopt what is mounted',
    async () => {
      await site.disturb(async () => {
        await stack.restart('temporal', true);
        await waitServing();
        const ofScenario = `WorkflowId STARTS_WITH 'dvc/${site.scenario.namespace}/'`;
        await waitUntil(
          'every claim has a workflow again',
          async () => (await countWorkflows(`${ofScenario} AND ExecutionStatus = 'Running'`)) === 3,
          afterMs,
        );
        await site.claim.workflow.countEvents();
        expect(await site.claim.podsIn('Attached')).toHaveLength(2);
        await runAudit();
        await runAudit();
      });
    },
    timeoutMs,
  );

  it(
    'that was lost obeys a person again',
    async () => {
      const [pod] = site.pods;
      const before = await pod?.seenMount('data');

      await site.claim.workflow.updateOk('remount');

      await pod?.waitFreshMount('data', String(before?.device));
    },
    timeoutMs,
  );

  it(
    'leaves nothing behind after all that',
    async () => {
      await site.scenario.destroyClaims();

      for (const pod of site.pods) expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(site.scenario);
    },
    timeoutMs,
  );
});
