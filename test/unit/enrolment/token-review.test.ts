// What is the API server asked about a token?
import { expect, it } from 'vitest';
import { reviewToken } from '../../../enrolment/token-review.ts';
import type { KubernetesRequest } from '../../../watch/kubernetes-connection.ts';
import { aReview, TOKEN } from '../../builders/enrolment.ts';

it('asks whose the token is, for our audience alone', async () => {
  const sent: KubernetesRequest[] = [];
  const send = async (request: KubernetesRequest) => {
    sent.push(request);
    return { kind: 'TokenReview', status: aReview({}) };
  };
  const connection = { send, stream: () => expect.unreachable(), close: () => {} };

  expect(await reviewToken(connection, TOKEN)).toEqual(aReview({}));

  expect(sent).toMatchObject([
    {
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: { kind: 'TokenReview', spec: { token: TOKEN, audiences: ['dynvol-enrolment'] } },
    },
  ]);
});

it.each([[[]], [['other']]])('asks for the audiences %j if they are given', async (audiences) => {
  const sent: KubernetesRequest[] = [];
  const send = async (request: KubernetesRequest) => {
    sent.push(request);
    return {};
  };
  expect(await reviewToken({ send }, TOKEN, audiences)).toEqual({});
  expect(sent).toMatchObject([{ body: { spec: { token: TOKEN, audiences } } }]);
});
