// What becomes of a pod with annotations, with a volume by hand, or in a namespace that injects all?
import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { reviewPodUpdate } from '../../../admission/review-pod-update.ts';
import { reviewPod, reviewPodOfInjectedNamespace } from '../../../admission/review-pod.ts';
import type { Verdict } from '../../../admission/review.ts';
import { POD_ANNOTATIONS } from '../../../api/names.ts';
import { podByHand, podWith } from '../../bad-input/pod-cases.ts';
import { aRequest, lookUps, unanswered } from '../../builders/reviews.ts';

const { className, rootPath, dispatchPolicy, containers } = POD_ANNOTATIONS;
const ANNOTATIONS = { [className]: 's3-sample', [rootPath]: '/volumes' };
const neverAsked = lookUps({
  findClass: () => Promise.reject(new Error('Looked up')),
  findNamespace: () => Promise.reject(new Error('Looked up')),
});
const none = () => Promise.resolve(undefined);

/** Class, policy and mounts that a patch gives. */
function summary({ patch = [] }: Verdict) {
  const [volume, ...mounts] = patch.map(({ value }) => (Array.isArray(value) ? value[0] : value));
  return {
    attributes: volume?.csi.volumeAttributes,
    mounts: mounts.map((mount) => mount.mountPath as string),
  };
}

describe('a pod with annotations', () => {
  it('gets its volume root, as a ReplicaSet sends it: without name and namespace', async () => {
    const pod = { ...podWith({}), metadata: { generateName: 'web-', annotations: ANNOTATIONS } };

    const verdict = await reviewPod(aRequest(pod), lookUps());

    expect(summary(verdict)).toEqual({
      attributes: {
        storageProviderClass: 's3-sample',
        mountPodDispatchPolicy: 'independent',
      },
      mounts: ['/volumes'],
    });
  });

  it('gets nothing when it only mirrors a static pod: the kubelet runs that from its own file', async () => {
    const mirror = podWith({ ...ANNOTATIONS, 'kubernetes.io/config.mirror': '5f9d' });

    expect(await reviewPod(aRequest(mirror), neverAsked)).toEqual({});
  });

  it('is refused when its class does not exist', async () => {
    const review = reviewPod(aRequest(podWith(ANNOTATIONS)), lookUps({ findClass: none }));

    await expect(review).rejects.toThrow(
      `the annotation "${className}" is "s3-sample": there is no StorageProviderClass of this name; create it first or name another one`,
    );
  });

  it('is admitted with a warning when the class cannot be looked up', async () => {
    const { patch, warnings } = await reviewPod(
      aRequest(podWith(ANNOTATIONS)),
      lookUps({ findClass: unanswered }),
    );

    expect(patch).toHaveLength(2);
    expect(warnings).toEqual([
      'StorageProviderClass "s3-sample" could not be looked up; the pod was admitted unchecked',
    ]);
  });

  it('is told that annotations of a pod that exists change nothing', () => {
    expect(reviewPodUpdate().warnings).toEqual([
      `annotations such as "${className}" change nothing in a pod that exists, it needs a new pod: set them in the pod template of its Deployment, StatefulSet or Job`,
    ]);
  });
});

describe('a pod without annotations', () => {
  it('is left alone, and nothing is looked up', async () => {
    expect(await reviewPod(aRequest(podWith({})), neverAsked)).toEqual({});
  });

  it('may have the volume by hand', async () => {
    expect(await reviewPod(aRequest(podByHand()), lookUps())).toEqual({ warnings: [] });
  });

  it('is refused when the volume by hand names a class that does not exist', async () => {
    const review = reviewPod(aRequest(podByHand()), lookUps({ findClass: none }));

    await expect(review).rejects.toThrow(
      'the attribute "storageProviderClass" of the volume is "s3-sample": there is no StorageProviderClass',
    );
  });
});

it.each([
  ['no spec', { metadata: {} }],
  ['annotations that are a list', { metadata: { annotations: [] }, spec: {} }],
])('a pod with %s is not taken for one', async (_title, pod) => {
  await expect(reviewPod(aRequest(pod), lookUps())).rejects.toThrow(ZodError);
});

describe('a pod of a namespace that injects all', () => {
  const inNamespace = (annotations: Record<string, string>) =>
    lookUps({ findNamespace: () => Promise.resolve({ labels: {}, annotations }) });
  const review = (pod: Record<string, unknown>, annotations: Record<string, string>) =>
    reviewPodOfInjectedNamespace(aRequest(pod), inNamespace(annotations));

  it('gets class, root path and policy of the namespace', async () => {
    const verdict = await review(podWith({}), { ...ANNOTATIONS, [dispatchPolicy]: 'shared' });

    expect(summary(verdict)).toEqual({
      attributes: { storageProviderClass: 's3-sample', mountPodDispatchPolicy: 'shared' },
      mounts: ['/volumes'],
    });
  });

  it('keeps what its own annotations say', async () => {
    const own = { [className]: 'gold', [rootPath]: '/mine' };

    const verdict = await review(podWith(own), { ...ANNOTATIONS, [dispatchPolicy]: 'shared' });

    expect(summary(verdict)).toEqual({
      attributes: { storageProviderClass: 'gold', mountPodDispatchPolicy: 'shared' },
      mounts: ['/mine'],
    });
  });

  it('says itself in which containers, and the namespace does not', async () => {
    const spec = { containers: [{ name: 'app' }, { name: 'proxy' }] };

    const mine = await review(podWith({ [containers]: 'proxy' }, spec), ANNOTATIONS);
    const theirs = await review(podWith({}, spec), { ...ANNOTATIONS, [containers]: 'proxy' });

    expect(mine.patch?.map(({ path }) => path)).toEqual([
      '/spec/volumes',
      '/spec/containers/1/volumeMounts',
    ]);
    expect(theirs.patch).toHaveLength(3);
  });

  it.each([
    [
      {},
      `it has the label "dynamicvolume.csi.cloudnative101.net/inject: enabled" without the annotation "${className}" and "${rootPath}"`,
    ],
    [{ [className]: 's3-sample' }, `without the annotation "${rootPath}"`],
    [{ ...ANNOTATIONS, [rootPath]: '/proc' }, `the annotation "${rootPath}" is "/proc"`],
    [{ ...ANNOTATIONS, [dispatchPolicy]: 'x' }, `the annotation "${dispatchPolicy}" is "x"`],
  ])('is admitted with a warning when the namespace says %j', async (annotations, fault) => {
    const { patch, warnings } = await review(podWith({}), annotations);

    expect(patch).toBeUndefined();
    expect(warnings?.[0]).toContain(
      'the pod was admitted without a volume root, because of its namespace "shop": ',
    );
    expect(warnings?.[0]).toContain(fault);
    expect(warnings?.[0]).toContain('; mend the annotations of the namespace');
  });

  it('is admitted with a warning when the class of the namespace does not exist', async () => {
    const { warnings } = await reviewPodOfInjectedNamespace(aRequest(podWith({})), {
      ...inNamespace(ANNOTATIONS),
      findClass: none,
    });

    expect(warnings?.[0]).toContain('there is no StorageProviderClass of this name');
  });

  it.each([
    ['a user namespace', { hostUsers: false }, 'spec.hostUsers is false'],
    [
      'a mount at the root path',
      { containers: [{ name: 'app', volumeMounts: [{ name: 'x', mountPath: '/volumes' }] }] },
      'already mounts volume "x"',
    ],
  ])('is admitted with a warning when it has %s', async (_title, spec, fault) => {
    const { warnings } = await review(podWith({}, spec), ANNOTATIONS);

    expect(warnings?.[0]).toContain(fault);
  });

  it.each([
    ['a root path', { [rootPath]: '/proc' }, '"/proc"'],
    ['a policy', { [dispatchPolicy]: 'x' }, '"x"'],
    ['a container', { [containers]: 'worker' }, '"worker"'],
  ])('is refused for %s of its own that is wrong', async (_title, own, value) => {
    await expect(review(podWith(own), ANNOTATIONS)).rejects.toThrow(value);
    await expect(review(podWith(own), ANNOTATIONS)).rejects.toThrow('the annotation');
  });

  it('is refused for a class of its own that does not exist', async () => {
    const refused = reviewPodOfInjectedNamespace(aRequest(podWith({ [className]: 'gold' })), {
      ...inNamespace(ANNOTATIONS),
      findClass: none,
    });

    await expect(refused).rejects.toThrow('"gold": there is no StorageProviderClass');
  });

  it('keeps a volume by hand, if it is right', async () => {
    const other = { ...ANNOTATIONS, [className]: 'gold' };
    expect(await review(podByHand(), other)).toEqual({ warnings: [] });
    expect(await review(podByHand(), {})).toEqual({ warnings: [] });
    await expect(review(podByHand({ name: 'mine' }), ANNOTATIONS)).rejects.toThrow('"mine"');
  });

  it('is injected in a container that another webhook added after the first look', async () => {
    const spec = { ...(podByHand()['spec'] as { containers: object[] }) };
    spec.containers = [...spec.containers, { name: 'late' }];

    const { patch } = await review(podWith({}, spec), ANNOTATIONS);

    expect(patch?.map(({ path }) => path)).toEqual(['/spec/containers/1/volumeMounts']);
  });

  it('is not admitted unseen when the namespace cannot be read', async () => {
    const refused = reviewPodOfInjectedNamespace(
      aRequest(podWith({})),
      lookUps({ findNamespace: unanswered }),
    );

    await expect(refused).rejects.toThrow('Connection refused');
  });
});
