// Is a review answered as the API server expects it?
import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { DeniedError } from '../../../admission/denied-error.ts';
import { answerReview } from '../../../admission/review.ts';
import type { Verdict } from '../../../admission/review.ts';
import { aReview } from '../../builders/reviews.ts';

const judge = (verdict: Verdict) => () => verdict;
const BODY = aReview({ metadata: {} });

describe('answerReview', () => {
  it('sends additions as a patch in base64', async () => {
    const patch = [{ op: 'add' as const, path: '/spec/volumes', value: [] }];

    const { response, ...envelope } = await answerReview(BODY, judge({ patch }));

    expect(envelope).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toMatchObject({ uid: 'review-1', allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString())).toEqual(patch);
  });

  it('consents without a patch when nothing is to be added', async () => {
    const { response } = await answerReview(BODY, judge({ patch: [], warnings: [] }));

    expect(response).toEqual({ uid: 'review-1', allowed: true });
  });

  it('hands warnings on', async () => {
    const { response } = await answerReview(BODY, judge({ warnings: ['mind this'] }));

    expect(response).toEqual({ uid: 'review-1', allowed: true, warnings: ['mind this'] });
  });

  it('refuses with one sentence', async () => {
    const answer = await answerReview(BODY, () => {
      throw new DeniedError('the field is wrong');
    });

    expect(answer.response).toEqual({
      uid: 'review-1',
      allowed: false,
      status: { code: 403, message: 'the field is wrong' },
    });
  });

  it('leaves any other failure to the server', async () => {
    const failing = answerReview(BODY, () => Promise.reject(new Error('Connection refused')));

    await expect(failing).rejects.toThrow('Connection refused');
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'review'],
    ['another version', { ...BODY, apiVersion: 'admission.k8s.io/v1beta1' }],
    ['another kind', { ...BODY, kind: 'TokenReview' }],
    ['no object', { ...BODY, request: { uid: 'x', operation: 'CREATE' } }],
    ['no uid', { ...BODY, request: { operation: 'CREATE', object: {} } }],
  ])('throws for %s', async (_case, body) => {
    await expect(answerReview(body, judge({}))).rejects.toThrow(ZodError);
  });
});
