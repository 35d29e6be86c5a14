// What survives an outage of the API server, broken watches, and an older database? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPONENTS } from '../../../api/names.ts';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { ROOT_PATH, Scenario } from '../scenario.ts';
import { EtcdCopy, outage, waitServing, without } from '../stack.ts';
import { readAlarms, runAudit } from './audit.ts';
import { listOwnPods } from './controller.ts';
import { expectUndisturbed } from './traffic.ts';
import { serveTwoNodes, type TwoNodes } from './two-nodes.ts';
import { compactEtcd, cutConnections } from './watches.ts';

const timeoutMs = 400_000;
/** Whatever an outage has delayed is done by then. */
const afterMs = 60_000;

describe('the API server', () => {
  let site: TwoNodes;
  beforeAll(async () => {
    site = await serveTwoNodes('api');
  });
  afterAll(() => site.scenario.destroy());

  it(
    'may be away: what is mounted serves on, and claims are served again afterwards',
    async () => {
      const before = await site.claim.ready();

      await site.disturb(async () => {
        await outage(['kube-apiserver']);
        const next = await site.scenario.claim({ name: 'next', mountpoint: '/next' });
        await next.waitAttached(2, afterMs);
        await next.delete();
      });

      expect(await site.claim.ready()).toEqual(before);
    },
    timeoutMs,
  );

  it(
    'may cut every watch every second while claims come and go: no change is missed',
    async () => {
      const controllers = await listOwnPods(COMPONENTS.controller);
      const uids = controllers.map((pod) => String(pod.metadata?.uid));

      await site.disturb(async () => {
        await cutConnections(uids, async () => {
          for (const name of ['one', 'two', 'three']) {
            const made = await site.scenario.claim({ name, mountpoint: `/${name}` });
            await made.waitAttached(2, afterMs);
            if (name !== 'two') await made.delete(afterMs);
          }
        });
      });

      for (const pod of site.pods) await pod.waitMounts(['data', 'two']);
    },
    timeoutMs,
  );

  it(
    'may forget the position of every watch',
    async () => {
      await site.disturb(async () => {
        await without(['kube-apiserver'], compactEtcd);
        const next = await site.scenario.claim({ name: 'next', mountpoint: '/next' });
        await next.waitAttached(2, afterMs);
      });

      for (const pod of site.pods) await pod.waitMounts(['data', 'next', 'two']);
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

describe('an older database of the API server', () => {
  it(
    'takes no mount away: those without a claim stay, an alarm is raised, and the claims can be made again',
    async () => {
      await using scenario = await Scenario.create('etcd', { prefix: 'seeded' });
      const pod = await scenario.runningPod();
      const names = ['1', '2', '3', '4', '5', '6'].map((n) => `lost-${n}`);
      const readAll = async () => {
        for (const name of ['data', ...names]) {
          expect(await pod.shellOk(`cat ${ROOT_PATH}/${name}/hello.txt`)).toContain('hello');
        }
      };
      const attachAll = async () => {
        const claims = await Promise.all(
          names.map((name) => scenario.claim({ name, mountpoint: `/${name}` })),
        );
        for (const claim of claims) await claim.waitAttached(1, afterMs);
      };
      await scenario.readyClaim();
      await using copy = await EtcdCopy.make();
      await attachAll();
      const before = await pod.seenMounts();

      await expectUndisturbed({
        pods: [pod],
        bucket: scenario.bucket,
        action: async () => {
          await copy.restore();
          await waitServing();
          const alarmed = async () => (await readAlarms()).some((text) => text.includes(' 6 of '));
          await waitUntil(
            'the alarm is raised',
            async () => {
              await runAudit();
              return await alarmed();
            },
            180_000,
          );
          await readAll();
          await attachAll();
        },
      });

      expect(await pod.seenMounts()).toEqual(before);
      await scenario.destroyClaims();
      expect(await pod.fuseMounts()).toEqual([]);
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );

  it(
    'brings back a claim that was deleted since: it is served again',
    async () => {
      await using scenario = await Scenario.create('back', { prefix: 'seeded' });
      const pod = await scenario.runningPod();
      const claim = await scenario.readyClaim();
      await using copy = await EtcdCopy.make();
      await claim.delete();

      await copy.restore();

      await pod.waitMounts(['data'], 150_000);
      await claim.waitReady(afterMs);
      expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
      await claim.delete();
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );
});
