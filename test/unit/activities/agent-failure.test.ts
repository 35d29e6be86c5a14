// Does a person learn who holds a mount, and where, from an agent's answer?
import { describe, expect, it } from 'vitest';
import { explainResult } from '../../../activities/agent-failure.ts';
import type { ProcessRef, TargetResult } from '../../../api/node-agent.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aPod } from '../../builders/objects.ts';

const place = { node: 'node1', namespace: 'shop', podName: 'web-1', mountpoint: 'data' };
const APP = 'a'.repeat(64);
const SIDECAR = 'b'.repeat(64);

function aProcess(changes: Partial<ProcessRef> = {}): ProcessRef {
  const base = { podUid: 'uid-web-1', containerId: APP, pid: 4711, command: 'tail' };
  return { ...base, path: '/x/data/log.txt', ...changes };
}

async function explain(changes: Partial<TargetResult>, names: Record<string, string> | Error = {}) {
  const cluster = new FakeCluster();
  cluster.putPod(aPod());
  cluster.putPod(aPod({ name: 'db-1' }));
  const asked: string[] = [];
  cluster.kubernetes.getContainerNames = async (namespace, name) => {
    asked.push(`${namespace}/${name}`);
    if (names instanceof Error) throw names;
    return names;
  };
  const answer: TargetResult = {
    podUid: 'uid-web-1',
    mountpoint: 'data',
    code: '',
    message: 'as the agent says',
    processes: [],
    pendingUploads: 0,
    rung: '',
    ownerUid: '',
    ...changes,
  };
  return { failure: await explainResult(cluster, place, answer), asked };
}

const names = { [APP]: 'app', [SIDECAR]: 'log-shipper' };

describe('explainResult', () => {
  it('asks nobody about a success', async () => {
    expect(await explain({ processes: [aProcess()] }, names)).toEqual({
      failure: undefined,
      asked: [],
    });
  });

  it.each<[string, Partial<TargetResult>, string]>([
    [
      'one holder',
      { code: 'IN_USE', processes: [aProcess()] },
      'Mountpoint /data is in use: process 4711 (tail) of container app holds /x/data/log.txt',
    ],
    [
      'several holders',
      { code: 'IN_USE', processes: [aProcess(), aProcess({ pid: 1 }), aProcess({ pid: 2 })] },
      'Mountpoint /data is in use: process 4711 (tail) of container app holds /x/data/log.txt, and 2 more',
    ],
    [
      'a holder outside all pods',
      { code: 'IN_USE', processes: [aProcess({ podUid: '', containerId: '', command: 'bash' })] },
      'Mountpoint /data is in use: process 4711 (bash) on node node1 holds /x/data/log.txt',
    ],
    [
      'a container that the mount does not reach',
      { code: 'PROPAGATION_MISSING', processes: [aProcess({ pid: 0, containerId: SIDECAR })] },
      'Pod shop/web-1: the storage does not appear in the container log-shipper; give the volumeMount of the volume root there mountPropagation: HostToContainer, and start the pod anew',
    ],
    [
      'two of them',
      {
        code: 'PROPAGATION_MISSING',
        processes: [aProcess({ pid: 0 }), aProcess({ pid: 0, containerId: SIDECAR })],
      },
      'Pod shop/web-1: the storage does not appear in the containers app, log-shipper; give the volumeMount of the volume root there mountPropagation: HostToContainer, and start the pod anew',
    ],
    [
      'one upload under way',
      { code: 'FLUSHING', pendingUploads: 1 },
      'Mountpoint /data: 1 file that was written is not in the bucket yet; its upload is waited for',
    ],
    [
      'several of them',
      { code: 'FLUSHING', pendingUploads: 3 },
      'Mountpoint /data: 3 files that were written are not in the bucket yet; their upload is waited for',
    ],
    ['a holder that was not found', { code: 'IN_USE' }, 'as the agent says'],
    ['an unknown number of uploads', { code: 'FLUSHING' }, 'as the agent says'],
    ['any other refusal', { code: 'BUCKET_NOT_FOUND' }, 'as the agent says'],
  ])('puts %s into words', async (_what, changes, message) => {
    const { failure } = await explain(changes, names);

    expect(failure).toEqual({ code: changes.code, message });
  });

  it('names the pod of the holder where it is another one', async () => {
    const { failure, asked } = await explain(
      { code: 'IN_USE', processes: [aProcess({ podUid: 'uid-db-1' })] },
      names,
    );

    expect(asked).toEqual(['shop/db-1']);
    expect(failure?.message).toContain('of container app in pod shop/db-1');
  });

  it.each<[string, Record<string, string> | Error]>([
    ['is not known', {}],
    ['cannot be asked for', new Error('away')],
  ])('tells the id of a container whose name %s', async (_what, known) => {
    const { failure } = await explain({ code: 'IN_USE', processes: [aProcess()] }, known);

    expect(failure?.message).toContain('of container aaaaaaaaaaaa');
  });

  it('takes a code of a newer agent for an internal error', async () => {
    expect((await explain({ code: 'NEW_CODE' })).failure).toEqual({
      code: 'INTERNAL',
      message: 'NEW_CODE: as the agent says',
    });
  });

  it('takes a pod that was left out for an internal error', async () => {
    expect(await explainResult(new FakeCluster(), place, undefined)).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('node1'),
    });
  });
});
