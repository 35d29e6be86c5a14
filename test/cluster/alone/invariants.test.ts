// Does the checker that runs beside these tests catch what is broken on purpose? (else its silence proves nothing)
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUDIT_SCHEDULE_ID,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
  WORKLOAD_POD_ANNOTATION,
} from '../../../api/names.ts';
import { XVOLS_DIR } from '../../../api/paths.ts';
import { listPodProcesses, workloadPid } from '../../../deploy/stack/pod-processes.ts';
import type { Violation } from '../../invariants/judge.ts';
import { waitUntil } from '../../wait-until.ts';
import { apply, mergePatch, remove, type AnyObject, type Ref } from '../kube.ts';
import { IMAGE } from '../names.ts';
import { runOnNode } from '../node.ts';
import { runOk } from '../programs.ts';
import { createBucket, deleteObjectFrom } from '../s3.ts';
import { ROOT_PATH, Scenario, stackKeys, type Claim, type Pod } from '../scenario.ts';
import { findVolumeDir, mountByHand, unmountByHand } from './audit.ts';

const node = 'node2';
/** The longest grace, two looks, and what a busy machine needs. */
const CAUGHT_MS = 240_000;

describe('the invariant checker', () => {
  let scenario: Scenario;
  let other: Scenario;
  let pod: Pod;
  let foreign: Pod;
  let lonely: Claim;
  let volumeDir: string;
  let keptBucket: string;
  /** What puts everything right again, last thing first. */
  const repairs: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [scenario, other] = await Promise.all([
      Scenario.create('bugs', { prefix: 'seeded' }),
      Scenario.create('others', { prefix: 'seeded' }),
    ]);
    [pod, foreign] = await Promise.all([
      scenario.runningPod({ nodeName: node }),
      other.runningPod({ nodeName: node }),
    ]);
    keptBucket = `${scenario.bucket}-kept`;
    await createBucket(keptBucket);
    await scenario.putBucketText(keptBucket, 'hello.txt', 'hello\n');
    await Promise.all([
      scenario.readyClaim(),
      scenario.readyClaim({ name: 'blind', mountpoint: '/blind' }),
      scenario.readyClaim({ name: 'strict', mountpoint: '/strict', readOnly: true }),
      other.readyClaim(),
    ]);
    lonely = await scenario.claim({ name: 'lonely', selector: { app: 'nobody' } });
    await lonely.waitReason('NoMatchingPods');
    volumeDir = await findVolumeDir(node, pod);
    await toggleAudit('--pause');
    repairs.push(() => toggleAudit('--unpause'));
  });

  afterAll(async () => {
    for (const repair of repairs.toReversed()) await repair();
    await Promise.all([scenario.destroy(), other.destroy()]);
  });

  /** Breaks one thing each, and says what the checker must say of it. */
  const bugs: {
    title: string;
    invariant: string;
    says: () => string;
    seed: () => Promise<void>;
  }[] = [
    {
      title: 'a mount of nobody',
      invariant: 'I1',
      says: () => `${volumeDir}/stray`,
      seed: () => showByHand(pod, 'data', pod, 'stray'),
    },
    {
      title: 'a Ready claim that its container does not see',
      invariant: 'I2',
      says: () => `claim ${scenario.namespace}/blind`,
      seed: async () => {
        const pid = String(await workloadPid(pod.uid));
        await runOk('umount', ['--namespace', pid, `${ROOT_PATH}/blind`]);
      },
    },
    {
      title: 'a second layer',
      invariant: 'I3',
      says: () => `${volumeDir}/data`,
      seed: async () => {
        await runOnNode(node, 'mount', '--bind', `${volumeDir}/data`, `${volumeDir}/data`);
        repairs.push(() => unmountByHand(node, pod, 'data'));
      },
    },
    {
      title: 'an object deleted from the address of a mount pod',
      invariant: 'I4',
      says: () => `s3://${keptBucket}/hello.txt`,
      seed: async () => {
        const [mountPod] = await pod.mountPods();
        const [process] = await listPodProcesses(mountPod?.metadata?.uid);
        await deleteObjectFrom(process?.pid ?? 0, keptBucket, 'hello.txt');
      },
    },
    {
      title: 'a secret in an annotation',
      invariant: 'I6',
      says: () => `pod ${scenario.namespace}/${pod.name}`,
      seed: async () => {
        const note = `the key is ${stackKeys()['secret-access-key']}`;
        await mergePatch(pod.ref, { metadata: { annotations: { note } } });
      },
    },
    {
      title: "a file on the node's disk",
      invariant: 'I7',
      says: () => `${XVOLS_DIR}/seeded-file`,
      seed: async () => {
        await runOnNode(node, 'touch', `${XVOLS_DIR}/seeded-file`);
        repairs.push(() => runOnNode(node, 'unlink', `${XVOLS_DIR}/seeded-file`));
      },
    },
    {
      title: 'storage of another namespace',
      invariant: 'I8',
      says: () => `${volumeDir}/foreign`,
      seed: () => showByHand(foreign, 'data', pod, 'foreign'),
    },
    {
      title: 'storage in another place of a node',
      invariant: 'I9',
      says: () => '/run/seeded-place',
      seed: async () => {
        await runOnNode(node, 'mkdir', '/run/seeded-place');
        await runOnNode(node, 'mount', '--bind', `${volumeDir}/data`, '/run/seeded-place');
        repairs.push(async () => {
          await runOnNode(node, 'umount', '/run/seeded-place');
          await runOnNode(node, 'rmdir', '/run/seeded-place');
        });
      },
    },
    {
      title: 'a status that says Ready of what is mounted nowhere',
      invariant: 'I12',
      says: () => `claim ${scenario.namespace}/lonely`,
      seed: () => patchReady(lonely, { status: 'True', reason: 'Attached' }),
    },
    {
      title: 'a workflow without a claim',
      invariant: 'I12',
      says: () => `workflow dvc/${scenario.namespace}/nobody`,
      seed: async () => {
        const id = `dvc/${scenario.namespace}/nobody/uid`;
        const what = ['--type', 'nothing', '--task-queue', 'nobody'];
        await runOk('temporal', ['workflow', 'start', '-w', id, ...what]);
        repairs.push(() =>
          runOk('temporal', ['workflow', 'terminate', '-w', id, '--reason', 'a test ends it']),
        );
      },
    },
    {
      title: 'a reason that nobody knows',
      invariant: 'I15',
      says: () => 'The reason "Oops" is not of the closed list',
      seed: async () => {
        const claim = await scenario.claim({ name: 'odd', selector: { app: 'nobody' } });
        await claim.waitReason('NoMatchingPods');
        await patchReady(claim, { status: 'False', reason: 'Oops' });
      },
    },
    {
      title: 'a mount pod without a user',
      invariant: 'I16',
      says: () => `${MOUNT_NAMESPACE}/${scenario.namespace}`,
      seed: async () => {
        const mountPod = buildIdleMountPod(scenario.namespace);
        await apply(mountPod);
        repairs.push(() => remove(mountPod));
      },
    },
    {
      title: 'a read-only claim made writable',
      invariant: 'I18',
      says: () => `${volumeDir}/strict`,
      seed: async () => {
        await runOnNode(node, 'mount', '-o', 'remount,bind,rw', `${volumeDir}/strict`);
      },
    },
  ];

  /** Seeded together: the graces run side by side. */
  it('is given something of each kind to find', async () => {
    for (const { seed } of bugs) await seed();

    expect(repairs.length).toBeGreaterThan(1);
  });

  it.each(bugs)(
    'catches $title ($invariant)',
    async ({ invariant, says }) => {
      let seen: Violation[] = [];
      await waitUntil(
        `${invariant} is told of ${says()}`,
        async () => {
          seen = (await readViolations()).filter((one) => one.invariant === invariant);
          return seen.some(({ object, message }) => `${object}: ${message}`.includes(says()));
        },
        CAUGHT_MS,
        () => JSON.stringify(seen),
      );
      const found = seen.find(({ object, message }) => `${object}: ${message}`.includes(says()));
      expect(found?.seeded).toBe(true);
    },
    CAUGHT_MS + 60_000,
  );

  /** What a pod sees at one mountpoint, at a mountpoint of another one too. */
  async function showByHand(from: Pod, mountpoint: string, to: Pod, name: string): Promise<void> {
    if (from === to) await mountByHand(node, to, mountpoint, name);
    else {
      const [source, target] = await Promise.all([from, to].map((one) => findVolumeDir(node, one)));
      await runOnNode(node, 'mkdir', `${target}/${name}`);
      await runOnNode(node, 'mount', '--bind', `${source}/${mountpoint}`, `${target}/${name}`);
    }
    repairs.push(async () => {
      await unmountByHand(node, to, name);
      await runOnNode(node, 'rmdir', `${volumeDir}/${name}`);
    });
  }
});

async function toggleAudit(how: '--pause' | '--unpause'): Promise<void> {
  const which = ['--schedule-id', AUDIT_SCHEDULE_ID, '--reason', 'a test breaks things'];
  await runOk('temporal', ['schedule', 'toggle', ...which, how]);
}

/** Writes a condition Ready into a claim's status, as nobody but the controller should. */
async function patchReady(
  claim: Claim,
  verdict: { status: string; reason: string },
): Promise<void> {
  const condition = {
    type: 'Ready',
    ...verdict,
    message: 'Written by a test into the status',
    lastTransitionTime: new Date().toISOString(),
  };
  const { name, namespace = '' } = claim.ref.metadata;
  const patch = JSON.stringify({ status: { conditions: [condition] } });
  await runOk('kubectl', [
    ...['patch', 'dynamicvolumeclaim', name, '--namespace', namespace],
    ...['--subresource=status', '--type=merge', '--patch', patch],
  ]);
}

/** Looks like a mount pod of a pod that never was. */
function buildIdleMountPod(namespace: string): AnyObject & Ref {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${namespace}-idle`,
      namespace: MOUNT_NAMESPACE,
      labels: { [MOUNT_POD_LABELS.sharingKey]: 'ffffffffffffffff' },
      annotations: { [WORKLOAD_POD_ANNOTATION]: `${namespace}/nobody` },
    },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'idle',
          image: IMAGE,
          command: ['sleep', 'infinity'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

/** What the checker has said so far. */
async function readViolations(): Promise<Violation[]> {
  const report = process.env['DYNVOL_INVARIANT_REPORT'];
  if (!report) throw new Error('The checker does not run: npm test -- cluster --file invariants');
  const lines = (await readFile(report, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Violation).filter((line) => 'invariant' in line);
}
