// What does a look at a cluster see in which all is well? (for tests of the invariant checker)
import { parseMountTable } from '../invariants/mount-table.ts';
import type { Claim, Node, Pod } from '../invariants/objects.ts';
import { EMPTY_MEMORY, type Snapshot } from '../invariants/snapshot.ts';

export const GROUP = 'dynamicvolume.csi.cloudnative101.net';
export const POD_UID = '11111111-1111-4111-8111-111111111111';
export const NAMESPACE = 'team';
const VOLUME_UUID = '22222222-2222-4222-8222-222222222222';
export const SHARING_KEY = '00112233445566aa';
const SOURCE_KEY = `${SHARING_KEY}.ffeeddccbbaa9988`;
export const VOLUME_DIR = `/var/lib/dynamic/xvols/s3/${VOLUME_UUID}/${POD_UID}`;

/** A row of a mount table. */
export function buildRow(
  mountpoint: string,
  { source = SOURCE_KEY, options = 'rw,nosuid,nodev', device = '0:77', root = '/' } = {},
): string {
  return `77 70 ${device} ${root} ${mountpoint} ${options} shared:9 - fuse.rclone ${source} rw`;
}

/** The rows of a node with one pod that sees one claim. */
export function buildNodeRows(): string[] {
  const disk = { source: '/dev/vda1', device: '8:1' };
  return [
    buildRow('/', disk),
    buildRow('/var/lib/dynamic', { ...disk, root: '/var/lib/stack/node1/dynamic' }),
    buildRow(VOLUME_DIR, {
      ...disk,
      root: `/var/lib/stack/node1/dynamic${VOLUME_DIR.slice('/var/lib/dynamic'.length)}`,
    }),
    buildRow(`/var/lib/dynamic/stage/${SOURCE_KEY}`),
    buildRow(`${VOLUME_DIR}/data`),
    buildRow(
      `/var/lib/kubelet/pods/${POD_UID}/volumes/kubernetes.io~csi/dynamic-volume-root-path/mount/data`,
    ),
  ];
}

export function buildContainerRows(): string[] {
  return [
    buildRow('/volumes', { source: '/dev/vda1', options: 'ro,relatime', device: '8:1' }),
    buildRow('/volumes/data'),
  ];
}

export function buildClaim(): Claim {
  return {
    metadata: { name: 'data', namespace: NAMESPACE, uid: 'claim-uid', generation: 1 },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mountpoint: '/data',
      s3Config: { bucket: 'bucket', endpoint: 'https://s3.storage.svc' },
    },
    status: {
      observedGeneration: 1,
      matched: 1,
      attached: 1,
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Attached', message: 'Served at /data in 1 pod' },
      ],
      pods: [{ name: 'web', uid: POD_UID, state: 'Attached' }],
    },
  };
}

export function buildPod(): Pod {
  const volumeMount = {
    name: 'dynamic-volume-root-path',
    mountPath: '/volumes',
    mountPropagation: 'HostToContainer',
  };
  return {
    metadata: { name: 'web', namespace: NAMESPACE, uid: POD_UID, labels: { app: 'web' } },
    spec: {
      nodeName: 'node1',
      volumes: [{ name: 'dynamic-volume-root-path' }],
      containers: [{ name: 'app', volumeMounts: [volumeMount] }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'app', containerID: 'containerd://c1' }],
    },
  };
}

export function buildMountPod(): Pod {
  return {
    metadata: {
      name: `s3-${SHARING_KEY}-1`,
      namespace: 'dynvol-mounts',
      uid: 'mount-pod-uid',
      labels: { [`${GROUP}/sharing-key`]: SHARING_KEY, [`${GROUP}/workload-pod-uid`]: POD_UID },
      annotations: { [`${GROUP}/workload-pod`]: `${NAMESPACE}/web` },
    },
    spec: { nodeName: 'node1', containers: [{ name: 'rclone' }] },
    status: { phase: 'Running', podIP: '10.89.1.7' },
  };
}

function buildOwnPod(component: string): Pod {
  return {
    metadata: {
      name: `${component}-x`,
      namespace: 'dynvol-system',
      uid: `${component}-uid`,
      labels: { 'app.kubernetes.io/component': component },
    },
    spec: { nodeName: 'node1', containers: [{ name: component }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function buildNode(): Node {
  return {
    metadata: { name: 'node1', uid: 'node-uid' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

/** One claim that is served in one pod on one node; fields may be others. */
export function buildSnapshot(fields: Partial<Snapshot> = {}): Snapshot {
  const rows = parseMountTable(buildNodeRows().join('\n'));
  const seen = parseMountTable(buildContainerRows().join('\n'));
  return {
    atMs: Date.UTC(2026, 0, 1),
    claims: [buildClaim()],
    classes: [{ metadata: { name: 's3', uid: 'class-uid' }, spec: {} }],
    pods: [buildPod(), buildMountPod(), buildOwnPod('controller'), buildOwnPod('csi-node')],
    nodes: [buildNode()],
    events: [],
    nodeViews: [{ name: 'node1', rows, folders: ['/var/lib/dynamic/xvols'], files: [] }],
    containers: [
      {
        podUid: POD_UID,
        name: 'app',
        rootPath: '/volumes',
        rows: seen,
        answers: { '/volumes/data': 'ok' },
      },
    ],
    workflows: ['dvc/team/data/claim-uid'],
    requests: [],
    processes: [
      { role: 'csi-node', node: 'node1', pid: 10, descriptors: 30, children: 1, blocked: [] },
    ],
    processTexts: { 'rclone (77)': 'rclone rcd\nPATH=/bin' },
    memory: {
      ...EMPTY_MEMORY,
      writableBuckets: new Set(['bucket']),
      mountPodAddresses: new Set(['10.89.1.7']),
      secretValues: new Set(['a-secret-value']),
    },
    reasons: new Set(['Attached', 'Detaching', 'InUse', 'MountHung']),
    ...fields,
  };
}
