// Does a mount pod that somebody uses stay, and any other go?
import { describe, expect, it } from 'vitest';
import { reviewEviction } from '../../../admission/review-eviction.ts';
import { answerReview } from '../../../admission/review.ts';
import type { AdmissionRequest } from '../../../admission/review.ts';
import { MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../../api/names.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import { aPod } from '../../builders/objects.ts';
import { aReview, lookUps, unanswered } from '../../builders/reviews.ts';

const name = 's3-0123456789abcdef-1';

/** A mount pod that serves `shop/web-1`. */
function aMountPod(changes: Partial<PodView> = {}): PodView {
  return aPod({
    name,
    namespace: MOUNT_NAMESPACE,
    labels: { [MOUNT_POD_LABELS.sharingKey]: '0123456789abcdef' },
    servesNamespace: 'shop',
    servesPod: 'web-1',
    ...changes,
  });
}

/** What the API server is answered when somebody evicts this pod. */
async function evict(findPod: () => Promise<PodView | undefined>) {
  const eviction = aReview({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
  const request = { ...eviction.request, namespace: MOUNT_NAMESPACE, name };
  const judge = (asked: AdmissionRequest) => reviewEviction(asked, lookUps({ findPod }));
  return (await answerReview({ ...eviction, request }, judge)).response;
}

describe('reviewEviction', () => {
  it('holds up a mount pod in use, names its user and the override', async () => {
    const response = await evict(() => Promise.resolve(aMountPod()));

    expect(response).toMatchObject({ allowed: false, status: { code: 429 } });
    expect(response.status?.message).toBe(
      'mount pod dynvol-mounts/s3-0123456789abcdef-1 serves pod shop/web-1 and is deleted as soon as nothing uses it: evict its users first; to evict it nevertheless, which fails the files that are open, annotate it with dynamicvolume.csi.cloudnative101.net/allow-eviction=true',
    );
  });

  it('names namespace and node of the users of a shared one', async () => {
    const { servesPod: _, ...shared } = aMountPod();

    const { status } = await evict(() => Promise.resolve(shared));

    expect(status?.message).toContain('serves pods of namespace shop on node node1');
  });

  it.each<[string, PodView | undefined]>([
    ['is gone', undefined],
    ['is warm', aMountPod({ labels: { [MOUNT_POD_LABELS.warmPool]: 'pool' } })],
    ['is terminating', aMountPod({ terminating: true })],
    ['has failed', aMountPod({ phase: 'Failed' })],
    ['has a person’s leave', aMountPod({ mayBeEvicted: true })],
  ])('lets one go that %s', async (_what, pod) => {
    expect(await evict(() => Promise.resolve(pod))).toMatchObject({ allowed: true });
  });

  it('leaves it to the API server when the pod cannot be read', async () => {
    await expect(evict(unanswered)).rejects.toThrow('Connection refused');
  });
});
