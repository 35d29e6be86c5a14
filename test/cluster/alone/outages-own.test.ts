// What survives the loss of our own parts, and of all control planes at once? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPONENTS } from '../../../api/names.ts';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { ROOT_PATH, Scenario, type Claim } from '../scenario.ts';
import { outage } from '../stack.ts';
import {
  killController,
  rollAgents,
  scaleController,
  withoutAgents,
  withoutPods,
} from './controller.ts';
import { serveTwoNodes, type TwoNodes } from './two-nodes.ts';

const timeoutMs = 400_000;
const together = ['kube-apiserver', 'temporal'];
/** Whatever an outage has delayed is done by then. */
const afterMs = 60_000;

describe('pods on two nodes', () => {
  let site: TwoNodes;
  beforeAll(async () => {
    site = await serveTwoNodes('own');
  });
  afterAll(() => site.scenario.destroy());

  it(
    'read and write on while every agent is replaced',
    async () => {
      await site.disturb(async () => {
        await rollAgents();
        const next = await site.scenario.claim({ name: 'next', mountpoint: '/next' });
        await next.waitAttached(2, afterMs);
        await next.delete();
      });
    },
    timeoutMs,
  );

  it(
    'read and write on without agents; their claim stays as it is, and a new one waits',
    async () => {
      const before = await site.claim.ready();

      await site.disturb(async () => {
        let later: Claim | undefined;
        await withoutAgents(async () => {
          await outage([], async () => {
            later = await site.scenario.claim({ name: 'later', mountpoint: '/later' });
            await later.waitReason('AgentUnreachable');
          });
        });
        await later?.waitAttached(2, afterMs);
      });

      expect(await site.claim.ready()).toEqual(before);
    },
    timeoutMs,
  );

  it(
    'read and write on while the API server, Temporal, controller, webhook and agents are away together',
    async () => {
      await site.disturb(async () => {
        // The controllers come back before the agents, which are ready when they have enrolled.
        await withoutPods(COMPONENTS.webhook, () =>
          withoutAgents(() => withoutPods(COMPONENTS.controller, () => outage(together))),
        );
        await site.scenario.waitAdmitting();
        const [fresh, next] = await Promise.all([
          site.scenario.runningPod(),
          site.scenario.claim({ name: 'next', mountpoint: '/next' }),
        ]);
        await next.waitAttached(3, afterMs);
        await fresh.waitMounts(['data', 'later', 'next'], afterMs);
      });
    },
    timeoutMs,
  );

  it(
    'have nothing left of their claims after all that',
    async () => {
      await site.scenario.destroyClaims();

      for (const pod of site.pods) expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(site.scenario);
    },
    timeoutMs,
  );
});

describe('twenty attaches', () => {
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);

  it.each([1, 2])(
    'come to their end, each once, when one of %i controllers is killed in the middle',
    async (controllers) => {
      await using scenario = await Scenario.create('killed');
      const pod = await scenario.runningPod();
      await scaleController(controllers);
      try {
        const claims = await Promise.all(
          names.map((name) => scenario.claim({ name, mountpoint: `/${name}` })),
        );
        await waitUntil(
          'some claims are attached',
          async () => (await pod.fuseMounts()).length > 2,
        );
        await killController();

        for (const claim of claims) await claim.waitReady(afterMs);
        await pod.waitMounts(names);
        expect(await pod.mountPods()).toHaveLength(1);
        expect(await pod.shellOk(`cat ${ROOT_PATH}/c19/hello.txt`)).toContain('hello');
        await Promise.all(claims.map((claim) => claim.delete()));
        await expectNothingLeft(scenario);
      } finally {
        await scaleController(1);
      }
    },
    timeoutMs,
  );
});
