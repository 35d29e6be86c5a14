// Does the audit find and repair what nobody told the controller of? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { runOnNode } from '../node.ts';
import { HEAL_MS, ROOT_PATH, Scenario, type Claim, type Pod } from '../scenario.ts';
import {
  countAudits,
  findVolumeDir,
  mountByHand,
  readAlarms,
  runAudit,
  unmountByHand,
} from './audit.ts';

const node = 'node2';

describe('the drift audit', () => {
  let scenario: Scenario;
  let pod: Pod;
  let claim: Claim;
  beforeAll(async () => {
    scenario = await Scenario.create('audit', { prefix: 'seeded' });
    pod = await scenario.runningPod({ nodeName: node });
    claim = await scenario.readyClaim();
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('changes nothing when nothing differs', async () => {
    const before = [await pod.seenMounts(), await claim.workflow.countEvents()];

    await runAudit();
    await runAudit();

    expect([await pod.seenMounts(), await claim.workflow.countEvents()]).toEqual(before);
  });

  it('removes a mount that belongs to no claim, after two looks', async () => {
    const before = await countAudits();
    await mountByHand(node, pod, 'data', 'orphan');
    await pod.waitMounts(['data', 'orphan']);

    await runAudit();
    await runAudit();

    await pod.waitMounts(['data'], HEAL_MS);
    expect((await countAudits()) - before).toBeGreaterThanOrEqual(2);
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });

  it('has a mount brought back that somebody took away', async () => {
    await unmountByHand(node, pod, 'data');
    await pod.waitMounts([]);

    await runAudit();

    await pod.waitMounts(['data'], HEAL_MS);
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });

  it('removes nothing and raises an alarm when it would remove too much at once', async () => {
    const orphans = ['1', '2', '3', '4', '5', '6'].map((n) => `orphan-${n}`);
    const failed = await countAudits('Failed');
    for (const orphan of orphans) await mountByHand(node, pod, 'data', orphan);
    try {
      await runAudit();
      await runAudit();

      await waitUntil(
        'an audit has failed',
        async () => (await countAudits('Failed')) > failed,
        HEAL_MS,
      );
      expect(await pod.fuseMounts()).toHaveLength(1 + orphans.length);
      await waitUntil('the alarm is raised', async () => (await readAlarms()).length > 0);
      expect((await readAlarms()).join(' ')).toContain('6');
    } finally {
      const folder = await findVolumeDir(node, pod);
      for (const orphan of orphans) {
        await unmountByHand(node, pod, orphan);
        await runOnNode(node, 'rmdir', `${folder}/${orphan}`);
      }
    }
  });

  it('leaves nothing of its own', async () => {
    await runAudit();

    await claim.delete();
    await pod.delete();
    await expectNothingLeft(scenario);
  });
});
