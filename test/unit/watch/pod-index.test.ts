// Are pods found by what the project asks for, as they come and go?
import { beforeEach, describe, expect, it } from 'vitest';
import {
  COMPONENT_LABEL,
  COMPONENTS,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
  SYSTEM_NAMESPACE,
} from '../../../api/names.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { PodIndex } from '../../../watch/pod-index.ts';

function aPod(name: string, changes: Partial<PodView> = {}): PodView {
  return {
    uid: `uid-${name}`,
    namespace: 'default',
    name,
    resourceVersion: '1',
    labels: {},
    nodeName: 'node1',
    podIp: '10.0.0.1',
    phase: 'Running',
    terminating: false,
    sandboxReady: true,
    ready: true,
    ...changes,
  };
}

const anAgent = (name: string, changes: Partial<PodView> = {}): PodView =>
  aPod(name, {
    namespace: SYSTEM_NAMESPACE,
    labels: { [COMPONENT_LABEL]: COMPONENTS.agent },
    ...changes,
  });

const aMountPod = (name: string, sharingKey: string): PodView =>
  aPod(name, { namespace: MOUNT_NAMESPACE, labels: { [MOUNT_POD_LABELS.sharingKey]: sharingKey } });

let index: PodIndex;

beforeEach(() => {
  index = new PodIndex();
});

describe('agentAddress', () => {
  it.each<[string, PodView[], string | undefined]>([
    ['a ready agent', [anAgent('a')], '10.0.0.1'],
    [
      'one that is not ready, because its kubelet may be down',
      [anAgent('a', { ready: false })],
      '10.0.0.1',
    ],
    [
      'the one that is ready',
      [anAgent('a', { ready: false }), anAgent('b', { podIp: '10.0.0.2' })],
      '10.0.0.2',
    ],
    ['one that has failed', [anAgent('a', { ready: false, phase: 'Failed' })], undefined],
    [
      'the one that stays',
      [anAgent('a', { terminating: true }), anAgent('b', { podIp: '10.0.0.2' })],
      '10.0.0.2',
    ],
    ['another node', [anAgent('a', { nodeName: 'node2' })], undefined],
    ['a pod of a user with the same label', [anAgent('a', { namespace: 'default' })], undefined],
  ])('%s', (_case, pods, address) => {
    for (const pod of pods) index.replace(undefined, pod);

    expect(index.agentAddress('node1')).toBe(address);
  });

  it('follows the agent as it is replaced', () => {
    const former = anAgent('a');
    index.replace(undefined, former);
    index.replace(former, undefined);
    index.replace(undefined, anAgent('b', { podIp: '10.0.0.2' }));

    expect(index.agentAddress('node1')).toBe('10.0.0.2');
  });
});

describe('mountPods', () => {
  it('finds the pods of a sharing key in the mount namespace only', () => {
    const [first, other] = [aMountPod('a', 'key'), aMountPod('b', 'other')];
    index.replace(undefined, first);
    index.replace(undefined, other);
    index.replace(undefined, { ...aMountPod('c', 'key'), namespace: 'default' });

    expect(index.mountPods('key')).toEqual([first]);
    index.replace(first, undefined);
    expect(index.mountPods('key')).toEqual([]);
    expect(index.byUid(first.uid)).toBeUndefined();
  });
});
