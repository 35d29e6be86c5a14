// Does a whole review get the right answer?
import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { answerReview } from '../../../admission/review.ts';
import { POD_ANNOTATIONS } from '../../../api/names.ts';

const ANNOTATIONS = { [POD_ANNOTATIONS.className]: 's3-sample', [POD_ANNOTATIONS.rootPath]: '/v' };
const exists = () => Promise.resolve(true);

function buildReview(annotations: Record<string, string> | undefined, operation = 'CREATE') {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'review-1',
      operation,
      namespace: 'default',
      object: {
        // As a ReplicaSet sends it: no name, no namespace.
        metadata: {
          generateName: 'web-',
          creationTimestamp: null,
          ...(annotations && { annotations }),
        },
        spec: { containers: [{ name: 'app', image: 'x', resources: {} }] },
      },
    },
  };
}

describe('answerReview', () => {
  it('adds the volume root to a pod without name and namespace', async () => {
    const { response, ...envelope } = await answerReview(buildReview(ANNOTATIONS), exists);

    expect(envelope).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toMatchObject({ uid: 'review-1', allowed: true, patchType: 'JSONPatch' });
    const patch = JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString()) as object[];
    expect(patch).toHaveLength(2);
  });

  it.each([
    ['a pod without annotations', buildReview(undefined)],
    ['an update', buildReview(ANNOTATIONS, 'UPDATE')],
  ])('consents to %s without a patch and without a look-up', async (_case, review) => {
    const { response } = await answerReview(review, () => Promise.reject(new Error('Looked up')));

    expect(response).toEqual({ uid: 'review-1', allowed: true });
  });

  it('refuses a class that does not exist with one sentence', async () => {
    const answer = await answerReview(buildReview(ANNOTATIONS), () => Promise.resolve(false));

    expect(answer.response).toEqual({
      uid: 'review-1',
      allowed: false,
      status: {
        code: 403,
        message: `the annotation "${POD_ANNOTATIONS.className}" is "s3-sample": there is no StorageProviderClass of this name; create it first or correct the annotation`,
      },
    });
  });

  it('admits with a warning when the class cannot be looked up', async () => {
    const answer = await answerReview(buildReview(ANNOTATIONS), () =>
      Promise.reject(new Error('Connection refused')),
    );

    expect(answer.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(answer.response.warnings?.[0]).toContain('could not be looked up');
  });

  it.each([
    ['nothing', undefined],
    ['another version', { ...buildReview({}), apiVersion: 'admission.k8s.io/v1beta1' }],
    ['a review without a pod', { ...buildReview({}), request: { uid: 'x', operation: 'CREATE' } }],
  ])('throws for %s', async (_case, body) => {
    await expect(answerReview(body, exists)).rejects.toThrow(ZodError);
  });
});
