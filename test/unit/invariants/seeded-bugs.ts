// How does a snapshot look in which a rule is broken?
import {
  buildClaim,
  buildContainerRows,
  buildMountPod,
  buildNodeRows,
  buildPod,
  buildRow,
  buildSnapshot,
  GROUP,
  NAMESPACE,
  VOLUME_DIR,
} from '../../builders/snapshots.ts';
import { parseMountTable } from '../../invariants/mount-table.ts';
import type { Claim, Pod } from '../../invariants/objects.ts';
import type { ContainerView, NodeView, Snapshot } from '../../invariants/snapshot.ts';

/** A bug, and which rule catches it how late. */
export interface Seed {
  invariant: string;
  bug: string;
  fields: Partial<Snapshot>;
  says: string;
  graceMs: number;
}

export function onNode(rows: string[], fields: Partial<NodeView> = {}): Partial<Snapshot> {
  const view = { name: 'node1', rows: parseMountTable(rows.join('\n')), folders: [], files: [] };
  return { nodeViews: [{ ...view, ...fields }] };
}

export function inContainer(
  rows: string[],
  fields: Partial<ContainerView> = {},
): Partial<Snapshot> {
  const [container] = buildSnapshot().containers as [ContainerView];
  return {
    containers: [{ ...container, rows: parseMountTable(rows.join('\n')), ...fields }],
  };
}

export function withClaim(change: (claim: Claim) => void): Partial<Snapshot> {
  const claim = buildClaim();
  change(claim);
  return { claims: [claim] };
}

export function withPods(...pods: Pod[]): Partial<Snapshot> {
  const own = buildSnapshot().pods.filter(({ metadata }) => metadata.namespace === 'dynvol-system');
  return { pods: [...pods, ...own] };
}

function podWith(metadata: Partial<Pod['metadata']>): Pod {
  const pod = buildPod();
  return { ...pod, metadata: { ...pod.metadata, ...metadata } };
}

export function mountPodWith(metadata: Partial<Pod['metadata']>): Pod {
  const pod = buildMountPod();
  return { ...pod, metadata: { ...pod.metadata, ...metadata } };
}

export const request = { address: '10.89.1.7', key: 'file', status: 200 };
const stray = buildRow(`${VOLUME_DIR}/stray`);
export const readOnlyClaim = withClaim(({ spec }) => (spec.readOnly = true));

/** One bug at least for every rule. */
export const seeds: Seed[] = [
  {
    invariant: 'I1',
    bug: 'a mount that no claim accounts for',
    fields: onNode([...buildNodeRows(), stray]),
    says: `${VOLUME_DIR}/stray`,
    graceMs: 60_000,
  },
  {
    invariant: 'I1',
    bug: 'a volume root whose pod is gone',
    fields: { ...withPods(buildMountPod()), claims: [], containers: [], workflows: [] },
    says: 'Its pod does not exist',
    graceMs: 60_000,
  },
  {
    invariant: 'I2',
    bug: 'a Ready claim that a container does not see',
    fields: inContainer(buildContainerRows().slice(0, 1), { answers: {} }),
    says: 'nothing is mounted there',
    graceMs: 60_000,
  },
  {
    invariant: 'I2',
    bug: 'a Ready claim whose folder cannot be read',
    fields: inContainer(buildContainerRows(), {
      answers: { '/volumes/data': 'Input/output error' },
    }),
    says: 'Input/output error',
    graceMs: 60_000,
  },
  {
    invariant: 'I3',
    bug: 'a second layer on a node',
    fields: onNode([...buildNodeRows(), buildRow(`${VOLUME_DIR}/data`, { device: '0:78' })]),
    says: '2 mounts lie on each other',
    graceMs: 15_000,
  },
  {
    invariant: 'I3',
    bug: 'a second layer in a container',
    fields: inContainer([...buildContainerRows(), buildRow('/volumes/data', { device: '0:78' })]),
    says: 'in container app',
    graceMs: 15_000,
  },
  {
    invariant: 'I3',
    bug: 'a dead mount',
    fields: {
      ...inContainer(buildContainerRows(), {
        answers: { '/volumes/data': 'Transport endpoint is not connected' },
      }),
      ...withClaim(({ status }) => {
        status!.conditions = [
          { type: 'Ready', status: 'False', reason: 'InUse', message: 'It does not matter why' },
        ];
      }),
    },
    says: 'It is dead: Transport endpoint is not connected',
    graceMs: 60_000,
  },
  {
    invariant: 'I3',
    bug: 'a mount that hangs for ever',
    fields: inContainer(buildContainerRows(), { answers: { '/volumes/data': 'silent' } }),
    says: 'It does not answer',
    graceMs: 150_000,
  },
  {
    invariant: 'I3',
    bug: 'two mount pods of one sharing key',
    fields: withPods(buildPod(), buildMountPod(), mountPodWith({ name: 'twin', uid: 'twin' })),
    says: 'twin',
    graceMs: 60_000,
  },
  {
    invariant: 'I4',
    bug: 'an object deleted in a bucket whose users only read',
    fields: { requests: [{ ...request, bucket: 'store-kept', operation: 's3_DeleteObject' }] },
    says: 's3_DeleteObject',
    graceMs: 0,
  },
  {
    invariant: 'I4',
    bug: 'an object written in a bucket of read-only claims',
    fields: {
      requests: [{ ...request, bucket: 'ro', operation: 's3_PutObject' }],
      memory: { ...buildSnapshot().memory, readOnlyBuckets: new Set(['ro']) },
    },
    says: 's3_PutObject',
    graceMs: 0,
  },
  {
    invariant: 'I6',
    bug: 'a secret in an annotation',
    fields: withPods(podWith({ annotations: { note: 'a-secret-value' } }), buildMountPod()),
    says: `pod ${NAMESPACE}/web`,
    graceMs: 0,
  },
  {
    invariant: 'I6',
    bug: 'a secret in an argument list',
    fields: { processTexts: { 'rclone (77)': 'rclone --secret a-secret-value' } },
    says: 'rclone (77)',
    graceMs: 0,
  },
  {
    invariant: 'I7',
    bug: "a file on the node's disk below a volume root",
    fields: onNode(buildNodeRows(), { files: [`${VOLUME_DIR}/data/file`] }),
    says: `${VOLUME_DIR}/data/file`,
    graceMs: 0,
  },
  {
    invariant: 'I7',
    bug: 'a writable volume root',
    fields: inContainer([
      buildRow('/volumes', { source: '/dev/vda1', device: '8:1' }),
      buildRow('/volumes/data'),
    ]),
    says: 'The volume root is writable',
    graceMs: 15_000,
  },
  {
    invariant: 'I8',
    bug: 'storage of another namespace',
    fields: withPods(
      buildPod(),
      mountPodWith({ annotations: { [`${GROUP}/workload-pod`]: 'others/web' } }),
    ),
    says: 'namespace others',
    graceMs: 0,
  },
  {
    invariant: 'I9',
    bug: 'storage outside the volumes of a node',
    fields: onNode([...buildNodeRows(), buildRow('/mnt/elsewhere')]),
    says: '/mnt/elsewhere',
    graceMs: 0,
  },
  {
    invariant: 'I9',
    bug: 'storage outside the volume root of a container',
    fields: inContainer([...buildContainerRows(), buildRow('/etc')]),
    says: '/etc in container app',
    graceMs: 0,
  },
  {
    invariant: 'I10',
    bug: 'an agent that hangs in the kernel',
    fields: {
      processes: [
        { role: 'csi-node', node: 'node1', pid: 10, descriptors: 3, children: 1, blocked: [12] },
      ],
    },
    says: 'csi-node of node1, thread 12',
    graceMs: 20_000,
  },
  {
    invariant: 'I10',
    bug: 'a deleted pod that stays',
    fields: {
      ...withPods(podWith({ deletionTimestamp: '2025-12-31T23:59:00Z' }), buildMountPod()),
      ...withClaim(({ status }) => (status!.matched = 0)),
    },
    says: 'It should have ended',
    graceMs: 60_000,
  },
  {
    invariant: 'I12',
    bug: 'a claim patched to Ready that is mounted nowhere',
    fields: { ...onNode(buildNodeRows().slice(0, 4)), containers: [] },
    says: 'not mounted in web',
    graceMs: 60_000,
  },
  {
    invariant: 'I12',
    bug: 'a status of a former generation',
    fields: withClaim(({ metadata }) => (metadata.generation = 2)),
    says: 'generation 1, not 2',
    graceMs: 60_000,
  },
  {
    invariant: 'I12',
    bug: 'a count of pods that are not there',
    fields: withClaim(({ status }) => (status!.matched = 3)),
    says: 'counts 3 matching pods, there are 1',
    graceMs: 60_000,
  },
  {
    invariant: 'I12',
    bug: 'a deleted claim that stays and does not say why',
    fields: withClaim(({ metadata }) => (metadata.deletionTimestamp = '2025-12-31T23:59:00Z')),
    says: 'does not say why',
    graceMs: 60_000,
  },
  {
    invariant: 'I12',
    bug: 'a claim without a workflow',
    fields: { workflows: [] },
    says: '0 workflows',
    graceMs: 60_000,
  },
  {
    invariant: 'I12',
    bug: 'a workflow without a claim',
    fields: { workflows: ['dvc/team/data/claim-uid', 'dvc/team/data/other'] },
    says: 'Its claim is gone',
    graceMs: 60_000,
  },
  {
    invariant: 'I15',
    bug: 'a reason that nobody knows',
    fields: withClaim(({ status }) => {
      status!.conditions!.push({
        type: 'Stalled',
        status: 'True',
        reason: 'Oops',
        message: 'Sorry!',
      });
    }),
    says: '"Oops" is not of the closed list',
    graceMs: 0,
  },
  {
    invariant: 'I15',
    bug: 'a reason without a sentence',
    fields: withClaim(({ status }) => {
      status!.conditions!.push({ type: 'Stalled', status: 'True', reason: 'InUse', message: '' });
    }),
    says: 'has no sentence',
    graceMs: 0,
  },
  {
    invariant: 'I15',
    bug: 'an Event with a reason that nobody knows',
    fields: {
      events: [
        {
          metadata: { name: 'data.1', namespace: NAMESPACE, uid: 'e' },
          reason: 'Oops',
          message: 'Something has gone wrong',
          involvedObject: { name: 'data', namespace: NAMESPACE },
        },
      ],
    },
    says: 'event team/data.1',
    graceMs: 0,
  },
  {
    invariant: 'I16',
    bug: 'a mount pod without a user',
    fields: {
      ...withPods(buildMountPod()),
      ...onNode([]),
      claims: [],
      containers: [],
      workflows: [],
    },
    says: 'nobody wants it',
    graceMs: 150_000,
  },
  {
    invariant: 'I18',
    bug: 'a read-only claim that is writable on the node',
    fields: {
      ...readOnlyClaim,
      ...inContainer([
        buildContainerRows()[0] ?? '',
        buildRow('/volumes/data', { options: 'ro,nosuid' }),
      ]),
    },
    says: `${VOLUME_DIR}/data`,
    graceMs: 15_000,
  },
  {
    invariant: 'I18',
    bug: 'a read-only claim that is writable in a container',
    fields: {
      ...readOnlyClaim,
      ...onNode([
        ...buildNodeRows().slice(0, 4),
        buildRow(`${VOLUME_DIR}/data`, { options: 'ro,nosuid' }),
      ]),
    },
    says: '/volumes/data in container app',
    graceMs: 15_000,
  },
];
