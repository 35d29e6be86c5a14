// Which requests does the node agent refuse, row by row, whoever sends them?
import type { SourceAttachment } from '../../api/node-agent.ts';
import { buildVolumeHandle } from '../../csi-node/publish-request.ts';
import type { NodePublishVolumeRequest } from '../../csi-node/publish-request.ts';

export const KUBELET_DIR = '/var/lib/kubelet';
const UID = '6e3c1a52-8c5a-4a6b-9a53-0d4d8b1f6a11';
const target = (uid: string) => `${KUBELET_DIR}/pods/${uid}/volumes/kubernetes.io~csi/root/mount`;

export const GOOD_PUBLISH: NodePublishVolumeRequest = {
  volumeId: buildVolumeHandle(UID, 'root'),
  targetPath: target(UID),
  volumeCapability: { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
  volumeContext: {
    'csi.storage.k8s.io/ephemeral': 'true',
    'csi.storage.k8s.io/pod.uid': UID,
    storageProviderClass: 's3-sample',
  },
};

const context = (change: Record<string, string>) => ({
  volumeContext: { ...GOOD_PUBLISH.volumeContext, ...change },
});
const TARGET = `target_path must be ${KUBELET_DIR}/pods/<uid>/volumes/kubernetes.io~csi/<name>/mount`;
const HANDLE = 'volume_id is not the one that the kubelet derives for this pod and volume';

interface PublishCase {
  row: number;
  title: string;
  change: Partial<NodePublishVolumeRequest>;
  message: string;
}

export const REFUSED_PUBLISHES: PublishCase[] = [
  {
    row: 75,
    title: 'a forged class',
    change: context({ storageProviderClass: '../../etc' }),
    message:
      'volume_context: storageProviderClass must be a DNS label, the name of a StorageProviderClass',
  },
  {
    row: 79,
    title: 'no volume id',
    change: { volumeId: '' },
    message: 'volume_id is missing',
  },
  {
    row: 79,
    title: 'no target path',
    change: { targetPath: '' },
    message: 'target_path is missing',
  },
  {
    row: 79,
    title: 'no capability',
    change: { volumeCapability: null },
    message: 'volume_capability is missing',
  },
  { row: 80, title: 'a relative path', change: { targetPath: 'pods/x' }, message: TARGET },
  {
    row: 80,
    title: 'a path with ..',
    change: { targetPath: target('../../etc') },
    message: TARGET,
  },
  { row: 80, title: 'a foreign path', change: { targetPath: '/etc/mount' }, message: TARGET },
  {
    row: 80,
    title: 'a path of 4,097 characters',
    change: { targetPath: target('a'.repeat(4097)) },
    message: TARGET,
  },
  {
    row: 81,
    title: 'block access',
    change: { volumeCapability: { block: {} } },
    message: 'volume_capability: block access is not supported, only mount',
  },
  {
    row: 82,
    title: 'a persistent volume',
    change: context({ 'csi.storage.k8s.io/ephemeral': 'false' }),
    message: 'volume_context: only ephemeral inline volumes are supported, no PersistentVolume',
  },
  {
    row: 83,
    title: 'no pod info',
    change: { volumeContext: { 'csi.storage.k8s.io/ephemeral': 'true' } },
    message: 'volume_context: the pod is missing; the CSIDriver needs podInfoOnMount: true',
  },
  {
    row: 84,
    title: "another pod's path",
    change: context({ 'csi.storage.k8s.io/pod.uid': 'other' }),
    message: 'target_path belongs to another pod than volume_context names',
  },
  {
    row: 84,
    title: "another volume's id",
    change: { volumeId: buildVolumeHandle(UID, 'other') },
    message: HANDLE,
  },
  { row: 85, title: 'an id that is a path', change: { volumeId: '../../etc' }, message: HANDLE },
  {
    row: 85,
    title: 'an id of 129 characters',
    change: { volumeId: 'x'.repeat(129) },
    message: 'volume_id is longer than 128',
  },
];

/** An attachment that passes every check. */
export const GOOD_ATTACHMENT: SourceAttachment = {
  sourceKey: '0123456789abcdef.0123456789abcdef',
  mountPodUid: 'm-1',
  writeMode: 'sequential',
  s3: {
    bucket: 'photos',
    endpoint: 'https://s3.example.com',
    prefix: '',
    region: '',
    accessKeyId: 'a',
    secretAccessKey: 'b',
    sessionToken: '',
    caCert: '',
  },
  targets: [{ podUid: 'pod-1', mountpoint: 'data', readOnly: false, replacesSourceKey: '' }],
};
