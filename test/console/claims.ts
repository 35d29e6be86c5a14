// Which claims does the page show for its pictures and tests?
import type { ClaimPod } from '../../api/dynamic-volume-claim.ts';
import type { Condition } from '../../api/conditions.ts';
import { buildWorkflowId } from '../../api/names.ts';
import type { ClaimDetail, MountPodView, Timeline } from '../../console/model/views.ts';
import { buildAttachEntries, buildFailureEntries, buildMovingEntries } from './timelines.ts';

/** When the pictures are taken. */
export const SAMPLE_TIME = '2026-03-02T09:30:00.000Z';

/** Everything that the API tells of one claim. */
export interface SampleClaim {
  detail: ClaimDetail;
  timeline: Timeline;
}

/** A claim of the namespace `research` that is ready in one pod, unless the changes say otherwise. */
export function buildSampleClaim(
  changes: Partial<ClaimDetail> = {},
  entries = buildAttachEntries(),
): SampleClaim {
  const { namespace = 'research', name = 'training-images' } = changes;
  const uid = `uid-${namespace}-${name}`;
  const workflowId = buildWorkflowId({ namespace, name, uid });
  const url = `http://temporal.example.com/namespaces/dynvol/workflows/${encodeURIComponent(workflowId)}`;
  const pods = changes.pods ?? [buildSamplePod('trainer-0', 'node1')];
  const attached = pods.filter(({ state }) => state === 'Attached').length;
  const reason = changes.reason ?? 'Attached';
  const message = changes.message ?? `Mounted at /data in ${attached} of ${pods.length} pods`;
  const detail: ClaimDetail = {
    namespace,
    name,
    uid,
    provider: 's3',
    storage: 'vision-datasets/2026',
    endpoint: 'https://s3.example.com',
    className: 's3-fast',
    mountpoint: '/data',
    readOnly: false,
    phase: 'Ready',
    reason,
    message,
    matched: pods.length + (changes.morePods ?? 0),
    attached,
    failed: pods.filter(({ state }) => state === 'Failed').length,
    notInjected: pods.filter(({ state }) => state === 'NotInjected').length,
    createdAt: '2026-02-27T14:02:11Z',
    workflow: { id: workflowId, url },
    spec: {
      selector: { matchLabels: { app: name } },
      mountpoint: '/data',
      readOnly: false,
      s3Config: { bucket: 'vision-datasets', prefix: '2026', endpoint: 'https://s3.example.com' },
    },
    conditions: [
      buildCondition('Ready', {
        status: reason === 'Attached' ? 'True' : 'False',
        reason,
        message,
      }),
    ],
    pods,
    morePods: 0,
    mountPods: pods
      .filter(({ state }) => state === 'Attached')
      .map((pod) => buildSampleMountPod([pod])),
    explanation: `Claim ${name} in namespace ${namespace}: ${reason}. ${message}.\n${attached} of ${pods.length} matching pods have the storage.\nNext: nothing, until the claim or its pods change.\nYou can: send remount for a fresh source with fresh credentials, or detach to take the storage away.`,
    ...changes,
  };
  return { detail, timeline: { workflowId, url, status: 'Running', entries } };
}

export function buildSamplePod(
  name: string,
  node: string,
  changes: Partial<ClaimPod> = {},
): ClaimPod {
  return { name, uid: `uid-${name}`, node, state: 'Attached', ...changes };
}

export function buildSampleMountPod(
  pods: ClaimPod[],
  changes: Partial<MountPodView> = {},
): MountPodView {
  const [{ uid, node = '' } = { uid: '', node: '' }] = pods;
  const key = [...uid].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2 ** 40, 7);
  return {
    name: `s3-${key.toString(16).padStart(10, '0')}-1`,
    uid: `mount-${uid}`,
    node,
    state: 'Running',
    shared: pods.length > 1,
    pods: pods.map(({ name }) => name),
    ...changes,
  };
}

export function buildCondition(
  type: Condition['type'],
  changes: Pick<Condition, 'status' | 'reason' | 'message'>,
): Condition {
  return { type, observedGeneration: 1, lastTransitionTime: '2026-03-02T09:12:40Z', ...changes };
}

/** One claim of every phase, as an installation may have them. */
export function buildSampleClaims(): SampleClaim[] {
  return [
    buildSpreadClaim(),
    buildFailedClaim(),
    buildMovingClaim(),
    buildSampleClaim({ namespace: 'research', name: 'checkpoints', mountpoint: '/checkpoints' }),
    buildSampleClaim({
      namespace: 'research',
      name: 'notebooks',
      phase: 'Waiting',
      reason: 'NoMatchingPods',
      message: 'No pod of namespace research has the labels app=notebooks',
      pods: [],
      mountPods: [],
    }),
    buildSampleClaim({ namespace: 'shop', name: 'pictures', mountpoint: '/pictures' }),
    buildSampleClaim({
      namespace: 'shop',
      name: 'exports',
      phase: 'Waiting',
      reason: 'Detached',
      message: 'Detached by hand since 2026-03-02 08:55 UTC',
      pods: [],
      mountPods: [],
    }),
    buildSampleClaim({
      namespace: 'web',
      name: 'old-assets',
      phase: 'Deleting',
      reason: 'Detaching',
      message: 'Taking the storage away from 1 pod',
      pods: [buildSamplePod('nginx-6c8d9f-q2x8m', 'node2', { state: 'Detaching' })],
    }),
    buildSampleClaim({ namespace: 'web', name: 'assets', mountpoint: '/assets', readOnly: true }),
  ];
}

/** Ready in all injected pods of two nodes, by shared mount pods and one of its own. */
function buildSpreadClaim(): SampleClaim {
  const [zero, one, two, late] = [
    buildSamplePod('trainer-0', 'node1'),
    buildSamplePod('trainer-1', 'node1'),
    buildSamplePod('trainer-2', 'node2'),
    buildSamplePod('evaluator-5c7d8-x2x9q', 'node2', {
      state: 'NotInjected',
      reason: 'NotInjected',
      message:
        'It was made without a volume root; put the annotations storage-provider-class and volume-mount-path-root into its template and replace it',
    }),
  ];
  const message = 'Mounted at /data in 3 of 4 pods; 1 pod has no volume root';
  return buildSampleClaim({
    message,
    pods: [late, zero, one, two],
    mountPods: [buildSampleMountPod([zero, one]), buildSampleMountPod([two])],
    explanation: `Claim training-images in namespace research: Attached. ${message}.\n3 of 4 matching pods have the storage; 0 failed, 1 without a volume root.\nNext: nothing, until the claim or its pods change.\nYou can: send remount for a fresh source with fresh credentials, or detach to take the storage away.`,
  });
}

function buildFailedClaim(): SampleClaim {
  const message =
    'There is no bucket "labels-2025" at https://s3.example.com; create it, or mend spec.s3Config.bucket';
  const reason = 'BucketNotFound';
  const pods = [
    buildSamplePod('annotator-7f9b5-h4k2p', 'node1', { state: 'Failed', reason, message }),
  ];
  const changes: Partial<ClaimDetail> = {
    name: 'labels',
    storage: 'labels-2025',
    phase: 'Failed',
    reason,
    message,
    pods,
    mountPods: [buildSampleMountPod(pods)],
    conditions: [
      buildCondition('Ready', { status: 'False', reason, message }),
      buildCondition('Stalled', { status: 'True', reason, message }),
    ],
    explanation: `Claim labels in namespace research: ${reason}. ${message}.\nNext: try again at 2026-03-02 09:35 UTC, or as soon as something changes.\nYou can: mend what BucketNotFound names; nothing has to be restarted after that.`,
  };
  return buildSampleClaim(changes, buildFailureEntries(message));
}

/** A mount pod was lost; another one starts. */
function buildMovingClaim(): SampleClaim {
  const [zero, one] = [
    buildSamplePod('ingest-0', 'node1'),
    buildSamplePod('ingest-1', 'node2', { state: 'Pending', reason: 'Attaching' }),
  ];
  const message = 'Mounting at /inbox in 1 of 2 pods';
  const changes: Partial<ClaimDetail> = {
    namespace: 'shop',
    name: 'inbox',
    mountpoint: '/inbox',
    phase: 'Reconciling',
    reason: 'Attaching',
    message,
    pods: [zero, one],
    mountPods: [
      buildSampleMountPod([zero]),
      buildSampleMountPod([one], { name: 's3-77d0c1b2aa-1', uid: 'former', state: 'Ending' }),
      buildSampleMountPod([one], { name: 's3-77d0c1b2aa-2', uid: 'next', state: 'Pending' }),
    ],
  };
  return buildSampleClaim(changes, buildMovingEntries());
}

/** So many claims with long names in several namespaces. */
export function buildManySampleClaims(count: number): SampleClaim[] {
  const phases = ['Ready', 'Ready', 'Ready', 'Ready', 'Failed', 'Ready', 'Waiting'] as const;
  return Array.from({ length: count }, (_, index) => {
    const phase = phases[index % phases.length] ?? 'Ready';
    return buildSampleClaim({
      namespace: `team-${String(index % 12).padStart(2, '0')}`,
      name: `experiment-${index}-with-a-name-that-goes-on-for-a-while-and-then-some-more`,
      phase,
      ...(phase === 'Failed'
        ? { message: 'https://s3.example.com refuses the access key of Secret research/keys' }
        : {}),
      reason:
        phase === 'Failed'
          ? 'CredentialsRejected'
          : phase === 'Waiting'
            ? 'NoMatchingPods'
            : 'Attached',
    });
  });
}
