// What survives the kubelet's absence, and a reboot of a node? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../kube.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { findNodeMounts } from '../node.ts';
import { ROOT_PATH, Scenario, type Claim, type Pod } from '../scenario.ts';
import { runOk } from '../programs.ts';
import { restart, stack, waitServing, without } from '../stack.ts';
import { expectUndisturbed } from './traffic.ts';

const timeoutMs = 300_000;
const node = 'node2';

describe('a kubelet', () => {
  let scenario: Scenario;
  let pod: Pod;
  let claim: Claim;
  beforeAll(async () => {
    scenario = await Scenario.create('kubelet');
    pod = await scenario.runningPod({ nodeName: node });
    claim = await scenario.readyClaim();
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it(
    'may be restarted, and containerd too: nothing is mounted anew',
    async () => {
      const identity = await pod.identity();

      await expectUndisturbed({
        pods: [pod],
        bucket: scenario.bucket,
        action: async () => {
          await restart(`kubelet-${node}`);
          await restart(`containerd-${node}`, `kubelet-${node}`);
          // What the kubelet does anew it has done once it has brought up another pod.
          const other = await scenario.runningPod({ nodeName: node });
          await other.waitMounts(['data']);
        },
      });

      expect(await pod.identity()).toBe(identity);
    },
    timeoutMs,
  );

  it(
    'cleans up after pods that were deleted, one by force, while it was away',
    async () => {
      const [asked, forced] = await Promise.all(
        ['asked', 'forced'].map((name) => scenario.runningPod({ name, nodeName: node })),
      );
      await asked?.waitMounts(['data']);
      await forced?.waitMounts(['data']);

      await without([`kubelet-${node}`], async () => {
        await asked?.remove();
        await forced?.deleteByForce();
        expect(await findNodeMounts(node, String(forced?.uid))).not.toEqual([]);
      });

      await waitGone([asked, forced]);
      await claim.delete();
      await expectNothingLeft(scenario, 120_000);
    },
    timeoutMs,
  );
});

async function waitGone(pods: (Pod | undefined)[]): Promise<void> {
  for (const pod of pods) {
    const how = ['wait', '--for=delete', '--timeout=120s', '-n', pod?.ref.metadata.namespace ?? ''];
    await runOk('kubectl', [...how, `pod/${pod?.name}`]);
  }
}

describe('a node', () => {
  it(
    'may be rebooted: within 60 s of its return its pods have their storage again',
    async () => {
      await using scenario = await Scenario.create('reboot');
      const [away, removed, here] = await Promise.all([
        scenario.runningPod({ nodeName: node }),
        scenario.runningPod({ nodeName: node }),
        scenario.runningPod({ nodeName: 'node1' }),
      ]);
      const claim = await scenario.claim();
      await claim.waitAttached(3);

      await expectUndisturbed({
        pods: [here],
        bucket: scenario.bucket,
        action: async () => {
          await stack.stop(`kubelet-${node}`);
          await removed.deleteByForce();
          await stack.reboot(node);
          await waitServing();
          await waitRestarted(away);
          await away.waitMounts(['data'], 60_000);
          expect(await away.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
          await claim.waitAttached(2);
        },
      });

      await claim.delete();
      await away.delete();
      await expectNothingLeft(scenario, 120_000);
    },
    timeoutMs,
  );
});

/** Waits until the first container runs again after its first end. */
async function waitRestarted(pod: Pod): Promise<void> {
  await waitFor(
    pod.ref,
    'runs again',
    (seen) => {
      const status = seen.status?.containerStatuses?.[0];
      return status?.restartCount > 0 && status?.state?.running !== undefined;
    },
    120_000,
  );
}
