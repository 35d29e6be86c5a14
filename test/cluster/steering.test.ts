// Can a person steer a claim through its workflow, by signals, updates and queries alone?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import type { AnyObject } from './kube.ts';
import { runOk } from './programs.ts';
import { buildReadables, expectUnnoticed } from './reader.ts';
import { putTexts } from './s3.ts';
import { HEAL_MS, REASON_MS, ROOT_PATH, Scenario } from './scenario.ts';
import { listWorkflowIds } from './workflow.ts';

const file = `${ROOT_PATH}/data/hello.txt`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.create('steer');
  await putTexts(scenario.bucket, buildReadables('hello'));
});
afterAll(async () => {
  await scenario.destroy();
});

describe.concurrent('remount', () => {
  it.each(['signal', 'updateOk'] as const)(
    'by %s puts a fresh source beneath the readers',
    async (how) => {
      const selector = { app: `remount-${how.toLowerCase()}` };
      const pod = await scenario.runningPod({ labels: selector });
      const claim = await scenario.readyClaim({ name: selector.app, selector });
      const before = await pod.seenMount('data');

      await expectUnnoticed({
        pod,
        mountpoint: 'data',
        isOver: (_text, device) => device !== before.device,
        action: () => claim.workflow[how]('remount'),
      });

      await claim.waitReady();
      expect(await pod.seenMount('data')).not.toEqual(before);
      expect(await pod.fuseMounts()).toEqual([`${ROOT_PATH}/data`]);
    },
  );
});

describe.concurrent('detach and attach', () => {
  it.each(['signal', 'updateOk'] as const)(
    'by %s take the storage away, keep it away, and bring it back',
    async (how) => {
      const selector = { app: `detach-${how.toLowerCase()}` };
      const pod = await scenario.runningPod({ labels: selector });
      const claim = await scenario.readyClaim({ name: selector.app, selector });

      await claim.workflow[how]('detach');
      expect(await claim.waitDetached()).toContain('attach');
      expect(await pod.fuseMounts()).toEqual([]);
      await pod.waitNoMountPods();

      // A pod that comes meanwhile gets nothing either.
      const late = await scenario.runningPod({ labels: selector });
      await waitUntil('the new pod is seen', async () => (await claim.status())['matched'] === 2);
      expect(await late.fuseMounts()).toEqual([]);

      await claim.workflow[how]('attach');
      await claim.waitAttached(2);
      expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
      expect(await late.shellOk(`cat ${file}`)).toContain('hello');
    },
  );

  it('survive the end of the workflow', async () => {
    const selector = { app: 'detach-ended' };
    const pod = await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: selector.app, selector });
    await claim.workflow.updateOk('detach');
    await claim.waitDetached();
    const former = await claim.workflow.runId();

    await claim.workflow.terminate();
    // Any change makes the controller look at the claim again.
    await scenario.claim({ name: selector.app, selector, readOnly: true });
    await claim.workflow.waitOtherRun(former);

    await waitUntil(
      'the new run has looked',
      async () => (await claim.status())['observedGeneration'] === 2,
    );
    await claim.waitDetached();
    expect(await pod.fuseMounts()).toEqual([]);
    await claim.workflow.updateOk('attach');
    await claim.waitReady();
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
  });
});

describe.concurrent('an update that makes no sense', () => {
  it('is rejected with a sentence and leaves no event', async () => {
    const selector = { app: 'nonsense' };
    await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: 'nonsense', selector });
    const { workflow } = claim;
    const before = await workflow.countEvents();

    for (const [name, input, says] of [
      ['attach', undefined, 'not detached'],
      ['detach', '{"graceSeconds":-1}', 'graceSeconds'],
      ['detach', '{"graceSeconds":3601}', 'graceSeconds'],
      ['detach', '{"graceSeconds":"soon"}', 'graceSeconds'],
      ['detach', '{"force":"yes"}', 'force'],
      ['detach', '{"grace":5}', 'grace'],
      ['detach', '"now"', 'detach'],
    ] as const) {
      const outcome = await workflow.update(name, input);
      expect([name, input, outcome.status]).toEqual([name, input, 1]);
      expect(outcome.stderr).toContain(says);
    }

    expect(await workflow.countEvents()).toBe(before);
    expect((await claim.ready())?.['status']).toBe('True');
  });

  it('is rejected while the claim is detached', async () => {
    const selector = { app: 'nonsense-detached' };
    await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: selector.app, selector });
    await claim.workflow.updateOk('detach', '{}');
    await claim.waitDetached();

    const outcome = await claim.workflow.update('remount');

    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain('detached');
  });
});

describe.concurrent('the workflow of a claim', () => {
  it('explains itself in words and gives its status as data', async () => {
    const selector = { app: 'explain' };
    const pod = await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: 'explain', selector });

    const words = await claim.workflow.query('explain');
    expect(words).toEqual(expect.any(String));
    expect(words).toContain('/data');
    const status = (await claim.workflow.query('status')) as AnyObject;
    expect(Object.keys(status['mounts'])).toEqual([pod.uid]);
    expect(status['deleting']).toBe(false);
    expect(status['generation']).toBe(1);
  });

  it('explains what failed and what a person can do', async () => {
    const selector = { app: 'explain-failed' };
    await scenario.runningPod({ labels: selector });
    const bucket = `${scenario.bucket}-missing`;
    const claim = await scenario.claim({ name: 'explain-failed', selector, bucket });
    await claim.waitReason('BucketNotFound');

    expect(await claim.workflow.query('explain')).toContain(bucket);
  });

  it('shows nodes and pods as a table in its current details', async () => {
    const selector = { app: 'details' };
    const pod = await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: 'details', selector });

    const text = await runOk('temporal', ['workflow', 'metadata', '-w', claim.workflowId]);

    expect(text).toMatch(new RegExp(`\\| *node[12] *\\| *${pod.name} *\\| *Attached`));
    expect(JSON.stringify(await claim.workflow.history())).toContain('attach s3');
  });

  it('is found by its search attributes, and named in the status of the claim', async () => {
    const selector = { app: 'search' };
    await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: 'search', selector });
    const { namespace, claim: name, className, attached } = SEARCH_ATTRIBUTES;
    const query = [
      `${namespace.name} = '${scenario.namespace}'`,
      `${name.name} = 'search'`,
      `${className.name} = '${scenario.className}'`,
      `${attached.name} = 1`,
    ].join(' AND ');

    await waitUntil(
      'the workflow is found',
      async () => (await listWorkflowIds(query)).join() === claim.workflowId,
      REASON_MS,
    );

    const status = await claim.status();
    expect(status['workflow'].id).toBe(claim.workflowId);
    expect(status['workflow'].url).toContain('http');
  });

  it('ignores a signal that makes no sense, and tells of it', async () => {
    const selector = { app: 'ignored' };
    const pod = await scenario.runningPod({ labels: selector });
    const claim = await scenario.readyClaim({ name: 'ignored', selector });

    await claim.workflow.signal('detach', '{"graceSeconds":"soon"}');

    await waitUntil(
      'the workflow tells that it ignored the signal',
      async () => String(await claim.workflow.query('explain')).includes('graceSeconds'),
      HEAL_MS,
    );
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
  });
});
