// Does doctor find nodes that cannot mount?
import { describe, expect, it } from 'vitest';
import { aNode, judge } from '../../../../builders/doctor.ts';
import { aPod } from '../../../../builders/objects.ts';
import { itFinds, itFindsNothing } from './finds.ts';

describe('broken, with a fix', () => {
  itFinds('broken', [
    [
      'kernels',
      'too old',
      { nodes: { value: [aNode('node1', { kernel: '5.10.0-30-amd64' })] } },
      'node1 (5.10.0-30-amd64)',
    ],
    ['agents', 'missing', { agents: { value: undefined } }, 'DaemonSet csi-node is missing'],
    [
      'agents',
      'not ready',
      {
        agentPods: {
          value: [
            aPod({
              name: 'csi-node-a',
              ready: false,
              startProblem: { reason: 'ImagePullBackOff', message: '' },
            }),
          ],
        },
      },
      'csi-node-a on node1 (ImagePullBackOff)',
    ],
    [
      'agents',
      'fewer than nodes',
      { agents: { value: { status: { desiredNumberScheduled: 3 } } } },
      '2 nodes still without an agent',
    ],
    [
      'registration',
      'unknown to a kubelet',
      { csiNodes: { value: [{ metadata: { name: 'node1' }, spec: {} }] } },
      'the kubelet of node1',
    ],
  ]);
});

describe('a warning, with a fix', () => {
  itFinds('warning', [
    [
      'nodes',
      'not ready',
      { nodes: { value: [aNode('node1'), aNode('node2', { ready: false })] } },
      'node2',
    ],
    [
      'kernels',
      'that replace with a gap',
      { nodes: { value: [aNode('node1', { kernel: '6.1.0' })] } },
      'node1 (6.1.0)',
    ],
    [
      'agents',
      'not on every node',
      { nodes: { value: [aNode('node1'), aNode('node2')] } },
      'none on node2',
    ],
  ]);
});

describe('no fault', () => {
  itFindsNothing([
    [
      'kernels',
      'an old kernel of another system',
      { nodes: { value: [aNode('node1', { kernel: '10.0', os: 'windows' })] } },
    ],
    [
      'agents',
      'no agent on another system',
      { nodes: { value: [aNode('node1'), aNode('win', { os: 'windows' })] } },
    ],
  ]);
});

describe('what may not be seen', () => {
  it('is no failure, and the right that is missing is named', () => {
    expect(judge('nodes', { nodes: { needs: 'list nodes' } })).toEqual({
      check: 'nodes',
      level: 'unchecked',
      message: 'not checked: needs list nodes',
    });
  });

  it('is told of a check that takes several rights', () => {
    expect(judge('agents', { nodes: { needs: 'list nodes' } })).toMatchObject({
      level: 'unchecked',
      message: 'not checked: needs list nodes',
    });
  });
});
