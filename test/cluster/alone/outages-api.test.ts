// What survives an outage of the API server, broken watches, and an older database? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPONENTS } from '../../../api/names.ts';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { ROOT_PATH, Scenario, type Claim, type Pod } from '../scenario.ts';
import { EtcdCopy, outage, waitServing, without } from '../stack.ts';
import { readAlarms, runAudit } from './audit.ts';
import { listOwnPods } from './controller.ts';
import { expectUndisturbed } from './traffic.ts';
import { compactEtcd, cutConnections } from './watches.ts';

const timeoutMs = 400_000;
/** Whatever an outage has delayed is done by then. */
const afterMs = 60_000;

describe('the API server', () => {
  let scenario: Scenario;
  let pods: Pod[];
  let claim: Claim;
  beforeAll(async () => {
    scenario = await Scenario.create('api');
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
    'may be away: what is mounted serves on, and claims are served again afterwards',
    async () => {
      const before = await claim.ready();

      await disturb(async () => {
        await outage(['kube-apiserver']);
        const next = await scenario.claim({ name: 'next', mountpoint: '/next' });
        await next.waitAttached(2, afterMs);
        await next.delete();
      });

      expect(await claim.ready()).toEqual(before);
    },
    timeoutMs,
  );

  it(
    'may cut every watch every second while claims come and go: no change is missed',
    async () => {
      const controllers = await listOwnPods(COMPONENTS.controller);
      const uids = controllers.map((pod) => String(pod.metadata?.uid));

      await disturb(async () => {
        await cutConnections(uids, async () => {
          for (const name of ['one', 'two', 'three']) {
            const made = await scenario.claim({ name, mountpoint: `/${name}` });
            await made.waitAttached(2, afterMs);
            if (name !== 'two') await made.delete(afterMs);
          }
        });
      });

      for (const pod of pods) await pod.waitMounts(['data', 'two']);
    },
    timeoutMs,
  );

  it(
    'may forget the position of every watch',
    async () => {
      await disturb(async () => {
        await without(['kube-apiserver'], compactEtcd);
        const next = await scenario.claim({ name: 'next', mountpoint: '/next' });
        await next.waitAttached(2, afterMs);
      });

      for (const pod of pods) await pod.waitMounts(['data', 'next', 'two']);
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
