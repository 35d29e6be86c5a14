// Does the webhook refuse every bad pod with the sentence that the catalogue promises?
import { expect, it } from 'vitest';
import { reviewPod } from '../../../admission/review-pod.ts';
import { REFUSED_PODS } from '../../bad-input/pod-cases.ts';
import { aRequest, lookUps } from '../../builders/reviews.ts';

it.each(REFUSED_PODS)('row $row: $title', async ({ pod, message }) => {
  const review = reviewPod(aRequest(pod), lookUps());

  await expect(review).rejects.toMatchObject({ name: 'DeniedError', message });
});
