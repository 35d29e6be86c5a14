// Do the activities on a node tell each pod's own outcome, and leave no mount pod behind?
import { describe, expect, it } from 'vitest';
import { MOUNT_POD_LABELS } from '../../../api/names.ts';
import { parseSharingKey } from '../../../api/node-agent.ts';
import { attachNode } from '../../../activities/attach-node.ts';
import type {
  AttachNodeRequest,
  ClaimStatusDraft,
  DetachNodeRequest,
} from '../../../activities/contract.ts';
import { buildDependencies } from '../../../activities/dependencies.ts';
import type { Attempt } from '../../../activities/dependencies.ts';
import { detachNode } from '../../../activities/detach-node.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { buildStatus } from '../../../workflows/status.ts';
import {
  aClaim,
  anObservation,
  aPod,
  CLAIM,
  KEY_A,
  KEY_B,
  PARAMETERS,
} from '../../builders/objects.ts';

const claim = { ...CLAIM, generation: 1 };
const attempt: Attempt = {
  signal: new AbortController().signal,
  heartbeat: () => {},
  isRepeated: false,
  warn: () => {},
};

const request: AttachNodeRequest = {
  claim,
  node: 'node1',
  mountpoint: 'data',
  readOnly: true,
  s3: { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: 'team', region: '' },
  classes: { good: PARAMETERS },
  targets: [target('web-1', 'good', KEY_A)],
};

function target(podName: string, className: string, sourceKey: string) {
  return { podUid: `uid-${podName}`, podName, className, sourceKey, replacesSourceKey: '' };
}

function buildInterim(): ClaimStatusDraft {
  return buildStatus({
    claim: CLAIM,
    observed: anObservation(),
    mounts: {},
    outcomes: {},
    steering: { remounts: 0 },
    unsearchedNodes: [],
  });
}

function aNode() {
  const cluster = new FakeCluster();
  const agents = new FakeAgents();
  cluster.secrets.set('default/keys', {
    'access-key-id': 'somebody',
    'secret-access-key': 'hidden',
  });
  const settings = { mountPodImage: 'image', temporalNamespace: 'default' };
  const { view, kubernetes } = cluster;
  const deps = buildDependencies({ view, kubernetes, agents, settings, look: () => {} });
  return { cluster, agents, deps };
}

describe('attachNode', () => {
  it('hands keys to the agent and to nobody else', async () => {
    const { agents, cluster, deps } = aNode();

    const answer = await attachNode(deps, request, attempt);

    expect(agents.attachRequests[0]?.attachments[0]).toMatchObject({
      sourceKey: KEY_A,
      s3: {
        bucket: 'photos',
        prefix: 'team',
        accessKeyId: 'somebody',
        secretAccessKey: 'hidden',
        sessionToken: '',
      },
      writeMode: 'sequential',
      targets: [{ podUid: 'uid-web-1', mountpoint: 'data', readOnly: true }],
    });
    expect(JSON.stringify([answer, ...cluster.pods.values()])).not.toContain('hidden');
  });

  it('serves the pods of one class while another has no Secret', async () => {
    const { deps } = aNode();
    const missing = { ...PARAMETERS, secret: { namespace: 'default', name: 'missing' } };

    const { results } = await attachNode(
      deps,
      {
        ...request,
        classes: { good: PARAMETERS, bad: missing },
        targets: [...request.targets, target('web-2', 'bad', KEY_B)],
      },
      attempt,
    );

    const outcomes = results.map(({ podUid, failure }) => [podUid, failure?.code]);
    expect(Object.fromEntries(outcomes)).toEqual({
      'uid-web-1': undefined,
      'uid-web-2': 'SECRET_MISSING',
    });
  });

  it('does not know the status when an attempt that was lost may have written one', async () => {
    const { deps } = aNode();
    const slow = { ...request, interim: buildInterim() };
    const repeated = { ...attempt, isRepeated: true };

    expect((await attachNode(deps, slow, attempt)).wroteInterim).toBe(false);
    expect((await attachNode(deps, slow, repeated)).wroteInterim).toBe(true);
    expect((await attachNode(deps, request, repeated)).wroteInterim).toBe(false);
  });

  it('makes no mount pod without a Secret', async () => {
    const { cluster, deps } = aNode();
    cluster.secrets.clear();

    await attachNode(deps, request, attempt);

    expect(cluster.mountPods()).toEqual([]);
  });

  it('replaces what a stopped attempt may have put there when something else is there', async () => {
    const { agents, deps } = aNode();
    const [there, wanted] = ['c'.repeat(16), 'd'.repeat(16)].map((key) => `${key}.${key}`);
    await attachNode(
      deps,
      { ...request, targets: [target('web-1', 'good', there ?? '')] },
      attempt,
    );
    const swap = { ...target('web-1', 'good', wanted ?? ''), replacesSourceKey: KEY_A };

    const attachOver = async (otherSourceKeys: string[]) => {
      const targets = [{ ...swap, otherSourceKeys }];
      const { results } = await attachNode(deps, { ...request, targets }, attempt);
      return results.map(({ failure }) => failure?.code);
    };

    expect(await attachOver([])).toEqual(['MOUNTPOINT_OCCUPIED']);
    expect(await attachOver([KEY_B, there ?? ''])).toEqual([undefined]);
    expect(agents.mounts.get('uid-web-1/data')?.sourceKey).toBe(wanted);
  });

  it('takes a mountpoint over from a claim that exists no more, and from no other', async () => {
    const { agents, cluster, deps } = aNode();
    const other = aClaim({ metadata: { name: 'other', uid: 'uid-other' } });
    cluster.put(other);
    agents.ownerUid = 'uid-other';
    const attach = async () => {
      const { results } = await attachNode(deps, request, attempt);
      return results.map(({ failure }) => failure?.code);
    };
    expect(await attach()).toEqual(['MOUNTPOINT_OCCUPIED']);

    cluster.claims.clear();

    expect(await attach()).toEqual([undefined]);
    expect(agents.attachRequests.map((sent) => sent.vanishedClaimUids)).toEqual([
      [],
      [],
      ['uid-other'],
    ]);
  });

  it('names the mount pods of what is replaced', async () => {
    const { agents, cluster, deps } = aNode();
    cluster.lag();
    await attachNode(deps, request, attempt);
    const [former] = cluster.mountPods();
    const swap = { ...target('web-1', 'good', KEY_B), replacesSourceKey: KEY_A };

    await attachNode(deps, { ...request, targets: [swap] }, attempt);

    expect(agents.attachRequests.map((sent) => sent.replacedMountPods)).toEqual([
      [],
      [{ uid: former?.uid, sharingKey: parseSharingKey(KEY_A), writeMode: 'sequential' }],
    ]);
  });

  it.each([
    ['independent', 'uid-web-1'],
    ['shared', undefined],
  ])('makes a mount pod for the policy %s', async (dispatchPolicy, workloadPodUid) => {
    const { cluster, deps } = aNode();
    cluster.putPod(aPod({ volumeRoot: { className: 'good', dispatchPolicy } }));

    await attachNode(deps, request, attempt);

    const [mountPod] = cluster.mountPods();
    expect(mountPod?.labels[MOUNT_POD_LABELS.workloadPodUid]).toBe(workloadPodUid);
    expect(mountPod?.servesNamespace).toBe('shop');
  });

  it('warns of a mount pod that its CPU limit holds up', async () => {
    const { agents, cluster, deps } = aNode();
    const resources = { requests: {}, limits: { cpu: '10m' } };
    const classes = { good: { ...PARAMETERS, resources } };
    agents.attachGate = async () => {
      const [mountPod] = cluster.mountPods();
      const figures = { periods: 100, throttledPeriods: 80, throttledMs: 4_200 };
      agents.throttling = [{ mountPodUid: mountPod?.uid ?? '', ...figures }];
    };

    await attachNode(deps, { ...request, classes }, attempt);
    await attachNode(deps, { ...request, classes }, attempt);

    const [event, ...others] = cluster.events.values();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'MountPodThrottled',
      regarding: { kind: 'DynamicVolumeClaim', uid: CLAIM.uid },
      note: expect.stringMatching(
        /^Mount pod s3-a+-1 of class good was throttled in 80 of 100 periods, 4.2 s in all, by its CPU limit 10m; raise mount-cpu-limit$/,
      ),
    });
    expect(event?.series).toBeUndefined();
  });

  it('tells why a mount pod does not start', async () => {
    const { agents, cluster, deps } = aNode();
    agents.failAttach = () => 'MOUNT_POD_NOT_READY';
    cluster.mountPodProblem = { reason: 'Unschedulable', message: 'Insufficient memory' };

    const { results } = await attachNode(deps, request, attempt);

    expect(results[0]?.failure).toMatchObject({
      code: 'MOUNT_POD_NOT_READY',
      message: expect.stringContaining('Unschedulable: Insufficient memory'),
    });
  });

  it('tells in between why a mount pod that it waits for has ended', async () => {
    const { agents, cluster, deps } = aNode();
    const shown = Promise.withResolvers<void>();
    agents.attachGate = () => {
      for (const pod of cluster.mountPods()) {
        pod.phase = 'Failed';
        pod.startProblem = { reason: 'Evicted', message: 'The node was low on disk' };
      }
      return shown.promise;
    };
    const { patchClaimStatus } = cluster.kubernetes;
    cluster.kubernetes.patchClaimStatus = async (...args) => {
      await patchClaimStatus(...args);
      shown.resolve();
    };
    cluster.put(aClaim());

    await attachNode(deps, { ...request, interim: buildInterim() }, attempt);

    const [ready] = cluster.statuses[0]?.conditions ?? [];
    expect(ready).toMatchObject({
      reason: 'MountPodNotReady',
      message: expect.stringMatching(
        /^Mount pod dynvol-mounts.* has ended: Evicted: .* low on disk/,
      ),
    });
  });

  it('ends with the reason of its cancellation', async () => {
    const { agents, deps } = aNode();
    const controller = new AbortController();
    agents.attachGate = () => {
      controller.abort(new Error('cancelled'));
      return new Promise(() => undefined);
    };

    const attach = attachNode(deps, request, { ...attempt, signal: controller.signal });

    await expect(attach).rejects.toThrow('cancelled');
  });
});

describe('detachNode', () => {
  const detach: DetachNodeRequest = {
    claim,
    node: 'node1',
    targets: [
      {
        podUid: 'uid-web-1',
        podName: 'web-1',
        mountpoint: 'data',
        sourceKey: KEY_A,
        force: false,
      },
    ],
    discardWrites: false,
  };

  it('removes the mount pod that serves nothing any more', async () => {
    const { agents, cluster, deps } = aNode();
    await attachNode(deps, request, attempt);

    const { results } = await detachNode(deps, detach, attempt);

    expect(results).toEqual([{ podUid: 'uid-web-1', sourceKey: KEY_A, rung: 'plain' }]);
    expect(agents.mounts.size).toBe(0);
    expect(cluster.mountPods()).toEqual([]);
  });

  it('finds a mount pod that the cache does not know yet', async () => {
    const { cluster, deps } = aNode();
    cluster.lag();
    await attachNode(deps, request, attempt);

    await detachNode(deps, detach, attempt);

    expect(cluster.mountPods()).toEqual([]);
  });

  it('keeps what is in use, and tells by whom', async () => {
    const { agents, cluster, deps } = aNode();
    cluster.putPod(aPod());
    cluster.kubernetes.getContainerNames = async () => ({ c0ffee: 'app' });
    await attachNode(deps, request, attempt);
    agents.failDetach = () => 'IN_USE';
    const holder = { podUid: 'uid-web-1', containerId: 'c0ffee', pid: 7, command: 'tail' };
    agents.holders = [{ ...holder, path: '/x/data/a.txt' }];

    const { results } = await detachNode(deps, detach, attempt);

    expect(results[0]?.failure).toEqual({
      code: 'IN_USE',
      message: 'Mountpoint /data is in use: process 7 (tail) of container app holds /x/data/a.txt',
    });
    expect(agents.mounts.size).toBe(1);
  });

  it('takes away by force what is in use, and tells how', async () => {
    const { agents, deps } = aNode();
    await attachNode(deps, request, attempt);
    agents.failDetach = () => 'IN_USE';
    const targets = detach.targets.map((one) => ({ ...one, force: true }));

    const { results } = await detachNode(deps, { ...detach, targets }, attempt);

    expect(results).toEqual([{ podUid: 'uid-web-1', sourceKey: KEY_A, rung: 'abort' }]);
    expect(agents.mounts.size).toBe(0);
  });

  it.each([true, false])(
    'tells the agent whether to discard writes (%s)',
    async (discardWrites) => {
      const { agents, deps } = aNode();
      let told: boolean | undefined;
      agents.failDetach = (sent) => {
        told = sent.discardWrites;
        return undefined;
      };

      await detachNode(deps, { ...detach, discardWrites }, attempt);

      expect(told).toBe(discardWrites);
    },
  );

  it('takes two sources of one mountpoint away in two calls', async () => {
    const { agents, deps } = aNode();
    await attachNode(deps, request, attempt);
    const [first] = detach.targets;
    const targets = [KEY_B, KEY_A].flatMap((sourceKey) => (first ? [{ ...first, sourceKey }] : []));

    const { results } = await detachNode(deps, { ...detach, targets }, attempt);

    expect(agents.calls).toEqual(['attach', 'detach', 'detach']);
    expect(results.map((one) => one.sourceKey)).toEqual([KEY_B, KEY_A]);
    expect(agents.mounts.size).toBe(0);
  });

  it.each<[string, (cluster: FakeCluster) => unknown, string | undefined, number]>([
    ['fails while the node is ready', () => undefined, 'AGENT_UNREACHABLE', 1],
    ['succeeds when the node is gone', ({ nodes }) => nodes.delete('node1'), undefined, 0],
    [
      'succeeds when the node is not ready, and leaves the mount pod',
      ({ nodesNotReady }) => nodesNotReady.add('node1'),
      undefined,
      1,
    ],
  ])('%s and its agent does not answer', async (_title, change, code, mountPods) => {
    const { agents, cluster, deps } = aNode();
    await attachNode(deps, request, attempt);
    agents.isUnreachable = true;
    change(cluster);

    const { results } = await detachNode(deps, detach, attempt);

    expect(results[0]?.failure?.code).toBe(code);
    expect(cluster.mountPods()).toHaveLength(mountPods);
  });
});
