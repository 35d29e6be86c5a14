// Does a drain wait until nobody uses the mount pods of a node any more? (one case after another)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPONENT_LABEL, COMPONENTS } from '../../../api/names.ts';
import { readDuring } from '../../../deploy/demo/reader.ts';
import { waitUntil } from '../../wait-until.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { runOk } from '../programs.ts';
import { HEAL_MS, ROOT_PATH, Scenario, type Claim, type Pod } from '../scenario.ts';
import { findMountPod } from '../storage-client.ts';

const node = 'node2';
const file = `${ROOT_PATH}/data/hello.txt`;
const timeoutMs = 240_000;

/** `kubectl drain` of the node's mount pods, under way. */
class Drain {
  said = '';
  readonly ended: Promise<unknown>;

  constructor() {
    const pods = `--pod-selector=${COMPONENT_LABEL}=${COMPONENTS.mountPod}`;
    const needs = ['--force', '--delete-emptydir-data', '--timeout=180s'];
    const drain = spawn('kubectl', ['drain', node, pods, ...needs], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [drain.stdout, drain.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    }
    this.ended = once(drain, 'exit').then(([status]) => status as unknown);
  }

  /** Until it has been refused so often. */
  async waitRefusals(count: number): Promise<void> {
    const isRefused = () => this.said.split('will retry after').length > count;
    await waitUntil('the drain is held up', isRefused, HEAL_MS, () => this.said);
  }
}

describe('a drain', () => {
  let scenario: Scenario;
  let pod: Pod;
  let claim: Claim;
  beforeAll(async () => {
    scenario = await Scenario.create('drain');
    pod = await scenario.runningPod({ nodeName: node });
    claim = await scenario.readyClaim();
  });
  afterAll(async () => {
    await runOk('kubectl', ['uncordon', node]);
    await scenario.destroy();
  });

  it(
    'waits for the users of a mount pod, whose reads go on, and ends when they have gone',
    async () => {
      const mountPod = await findMountPod(pod);
      const drain = new Drain();

      const { errors } = await readDuring(
        pod.uid,
        file,
        () => true,
        () => drain.waitRefusals(2),
      );
      expect(errors).toBe(0);
      expect(drain.said).toContain(`${scenario.namespace}/${pod.name}`);
      expect((await findMountPod(pod)).metadata?.uid).toBe(mountPod.metadata?.uid);

      await pod.delete();
      expect(await drain.ended).toBe(0);
      await pod.waitNoMountPods();
    },
    timeoutMs,
  );

  it(
    'leaves nothing, and the claim serves on the node again when it is back',
    async () => {
      await runOk('kubectl', ['uncordon', node]);
      const other = await scenario.runningPod({ nodeName: node });
      await other.waitMounts(['data']);
      expect(await other.shellOk(`cat ${file}`)).toContain('hello');

      await claim.delete();
      await expectNothingLeft(scenario);
    },
    timeoutMs,
  );
});
