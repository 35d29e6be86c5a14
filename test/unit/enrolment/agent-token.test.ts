// Whose tokens are accepted, and for which node?
import { describe, expect, it } from 'vitest';
import { checkAgentPod, parseAgentPod } from '../../../enrolment/agent-token.ts';
import { AGENT_POD, aReview } from '../../builders/enrolment.ts';

const NODE_NAME = 'authentication.kubernetes.io/node-name';
const POD_UID = 'authentication.kubernetes.io/pod-uid';

describe('parseAgentPod', () => {
  it('reads pod and node of an agent', () => {
    expect(parseAgentPod(aReview({}))).toEqual(AGENT_POD);
  });

  it.each([
    ['no answer', {}, 'it is not valid'],
    ['an expired token', { authenticated: false, error: 'token has expired' }, 'token has expired'],
    ['another audience', aReview({ audiences: ['vault'] }), 'audience dynvol-enrolment'],
    ['an API server that knows no audiences', aReview({ audiences: [] }), 'audience'],
    [
      'another service account',
      aReview({ username: 'system:serviceaccount:dynvol-system:dynvol-webhook' }),
      'dynvol-webhook',
    ],
    [
      'a namesake in another namespace',
      aReview({ username: 'system:serviceaccount:default:dynvol-csi-node' }),
      'system:serviceaccount:default:dynvol-csi-node',
    ],
    ['a person of that name', aReview({ username: 'dynvol-csi-node' }), 'dynvol-csi-node'],
    ['a token that is bound to no pod', aReview({ extra: { [POD_UID]: [] } }), POD_UID],
    ['an API server that names no node', aReview({ extra: { [NODE_NAME]: [] } }), NODE_NAME],
    ['two nodes', aReview({ extra: { [NODE_NAME]: ['node1', 'node2'] } }), NODE_NAME],
  ])('refuses %s', (_title, review, told) => {
    expect(() => parseAgentPod(review)).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED', message: expect.stringContaining(told) }),
    );
  });
});

describe('checkAgentPod', () => {
  it('agrees when the pod is where its token says', () => {
    expect(() => checkAgentPod(AGENT_POD, { uid: 'pod-uid', nodeName: 'node1' })).not.toThrow();
  });

  it.each([
    ['a pod that is gone', undefined, 'does not exist any more'],
    ['a successor of the same name', { uid: 'other', nodeName: 'node1' }, 'does not exist'],
    ['a pod on another node', { uid: 'pod-uid', nodeName: 'node2' }, 'it is on node2'],
    ['a pod on no node', { uid: 'pod-uid' }, 'it is on none'],
  ])('refuses %s', (_title, found, told) => {
    expect(() => checkAgentPod(AGENT_POD, found)).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED', message: expect.stringContaining(told) }),
    );
  });
});
