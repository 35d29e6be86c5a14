// How does a person read why a claim was refused?
import { describe, expect, it } from 'vitest';
import { buildClaim } from '../../../../cli/mount/build-claim.ts';
import { explainRefusal } from '../../../../cli/mount/refused-claim.ts';
import { KubernetesError } from '../../../../watch/kubernetes-error.ts';
import { aWorkloadPod } from '../../../builders/workload-pods.ts';

const choice = { matchLabels: { app: 'tools' }, isThere: true };
const claim = buildClaim(aWorkloadPod('tools'), { bucket: 'photos' }, '/data', choice, {});

describe('explainRefusal', () => {
  it.each([
    [
      "a rule's own sentence, without what the API server puts before it",
      422,
      'Invalid',
      'POST /x was answered 422: DynamicVolumeClaim.g "tools-data" is invalid: spec.s3Config.bucket: Invalid value: "A_b": spec.s3Config.bucket: is not a bucket name ("A_b"); allowed are …',
      'The claim is refused: spec.s3Config.bucket: is not a bucket name ("A_b"); allowed are …',
    ],
    [
      'what a webhook says',
      403,
      'Forbidden',
      'POST /x was answered 403: admission webhook "claims.g" denied the request: the class "fast" is not for this namespace',
      'The claim is refused: the class "fast" is not for this namespace',
    ],
    [
      'that the name is taken, and what to do',
      409,
      'AlreadyExists',
      'POST /x was answered 409: already exists',
      'There is a claim "tools-data" in namespace shop already; give another name with --name, or delete it',
    ],
  ])('is %s', (_what, status, reason, message, says) => {
    expect(explainRefusal(claim, new KubernetesError(status, reason, message))).toBe(says);
  });

  it('leaves a missing right to whoever explains all of them', () => {
    const error = new KubernetesError(403, 'Forbidden', 'User "x" cannot create resource');

    expect(explainRefusal(claim, error)).toBeUndefined();
  });
});
