// Which pods does the webhook refuse, row by row, and with which words?
import { DRIVER_NAME, POD_ANNOTATIONS, ROOT_VOLUME_NAME } from '../../api/names.ts';

const { className, rootPath, dispatchPolicy, containers } = POD_ANNOTATIONS;

/** A pod that the webhook refuses before it looks anything up. */
export interface PodCase {
  row: number;
  title: string;
  pod: Record<string, unknown>;
  message: string;
}

interface Container {
  name: string;
  volumeMounts?: object[];
}

const OPTED_IN = { [className]: 's3-sample', [rootPath]: '/volumes' };
const MOUNT = {
  name: ROOT_VOLUME_NAME,
  mountPath: '/volumes',
  readOnly: true,
  mountPropagation: 'HostToContainer',
};
const CSI = {
  driver: DRIVER_NAME,
  readOnly: true,
  volumeAttributes: {
    storageProviderClass: 's3-sample',
    mountPodDispatchPolicy: 'independent',
  },
};

/** A pod with these annotations and fields of its spec. */
export function podWith(
  annotations: Record<string, string>,
  spec: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bad-input', namespace: 'default', annotations },
    spec: { containers: [containerWith({})], ...spec },
  };
}

function containerWith(changes: Partial<Container>): Container & { image: string } {
  return { name: 'app', image: 'dynvol/busybox:0.2.0', ...changes };
}

/** A pod with a volume of ours that nobody injected. */
export function podByHand(
  changes: { name?: string; csi?: object; mount?: object } = {},
): Record<string, unknown> {
  const volumeMounts = [{ ...MOUNT, ...changes.mount }];
  return podWith(
    {},
    {
      containers: [containerWith({ volumeMounts })],
      volumes: [{ name: changes.name ?? ROOT_VOLUME_NAME, csi: { ...CSI, ...changes.csi } }],
    },
  );
}

const annotated = (row: number, annotation: string, value: string, why: string): PodCase => ({
  row,
  title: `annotation ${annotation.split('/')[1]} ${JSON.stringify(value).slice(0, 40)}`,
  pod: podWith({ ...OPTED_IN, [annotation]: value }),
  message: `the annotation "${annotation}" is ${JSON.stringify(value)}: it ${why}`,
});
const byHand = (title: string, changes: Parameters<typeof podByHand>[0], why: string): PodCase => ({
  row: 75,
  title: `by hand: ${title}`,
  pod: podByHand(changes),
  message: why,
});
const mountedByHand = (title: string, mount: object, why: string): PodCase => ({
  row: 73,
  title: `by hand: ${title}`,
  pod: podByHand({ mount }),
  message: `container "app": the mount of the volume "${ROOT_VOLUME_NAME}" at "/volumes" ${why}`,
});
const unsupported = (title: string, spec: object, message: string): PodCase => ({
  row: 74,
  title,
  pod: podWith(OPTED_IN, { ...spec }),
  message,
});

const SYSTEM =
  'must not be in a directory of the system (/proc, /sys, /dev, /etc, /var/run/secrets, /run/secrets)';
const WRITTEN = 'must be written without "..", ".", "//" and a "/" at the end';
const CLASS_NAME =
  'must be the name of a StorageProviderClass: at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit';

export const REFUSED_PODS: PodCase[] = [
  annotated(69, dispatchPolicy, 'sometimes', 'must be "independent" or "shared", or be left out'),
  annotated(69, className, 'S3_Sample', CLASS_NAME),
  annotated(69, className, '{"name":"s3"}', CLASS_NAME),
  {
    row: 69,
    title: 'one annotation without the other',
    pod: podWith({ [className]: 's3-sample' }),
    message: `the annotation "${rootPath}" is missing: a pod with "${className}" needs both`,
  },
  {
    row: 70,
    title: 'a container that is not there',
    pod: podWith({ ...OPTED_IN, [containers]: 'app,worker' }),
    message: `the annotation "${containers}" names "worker": the pod has no such container; its containers are app`,
  },
  annotated(
    70,
    containers,
    'app,',
    'must be names of containers of the pod with "," between them, or be left out for all containers',
  ),
  {
    row: 71,
    title: 'another volume of the name',
    pod: podWith(OPTED_IN, { volumes: [{ name: ROOT_VOLUME_NAME, emptyDir: {} }] }),
    message: `the volume "${ROOT_VOLUME_NAME}" is not what the annotations ask for: remove it from spec.volumes, it is added by itself`,
  },
  {
    row: 71,
    title: 'a volume of the driver under another name',
    pod: podWith(OPTED_IN, { volumes: [{ name: 'mine', csi: CSI }] }),
    message:
      'the volume "mine" is not what the annotations ask for: remove it from spec.volumes, it is added by itself',
  },
  annotated(72, rootPath, 'volumes', 'must be an absolute path, such as "/volumes"'),
  annotated(72, rootPath, '/', 'must be a directory below "/", such as "/volumes"'),
  annotated(72, rootPath, '/a/../etc', WRITTEN),
  annotated(72, rootPath, '/a:ro', 'must not contain ":" or control characters'),
  ...['/proc', '/sys/fs', '/dev/shm', '/etc', '/var/run/secrets/x', '/run/secrets'].map((path) =>
    annotated(72, rootPath, path, SYSTEM),
  ),
  ...['/volumes', '/volumes/data', '/volumes/..'].map((mountPath) => ({
    row: 72,
    title: `a mount at ${mountPath}`,
    pod: podWith(OPTED_IN, {
      volumes: [{ name: 'cache', emptyDir: {} }],
      containers: [containerWith({ volumeMounts: [{ name: 'cache', mountPath }] })],
    }),
    message: `the annotation "${rootPath}" is "/volumes": container "app" already mounts volume "cache" at "${mountPath}"; choose a path that is not at, above or below it`,
  })),
  mountedByHand(
    'mountPropagation None',
    { mountPropagation: 'None' },
    'must have mountPropagation: HostToContainer, without which storage never appears in it',
  ),
  mountedByHand(
    'mountPropagation Bidirectional',
    { mountPropagation: 'Bidirectional' },
    'must have mountPropagation: HostToContainer, without which storage never appears in it',
  ),
  mountedByHand('a writable mount', { readOnly: false }, 'must have readOnly: true'),
  mountedByHand(
    'a subPath',
    { subPath: 'data' },
    'must not have subPath or subPathExpr, because storage appears at the root of the volume',
  ),
  unsupported(
    'a user namespace',
    { hostUsers: false },
    'spec.hostUsers is false: storage cannot be mounted into such a pod while it runs; leave it out, so that the pod has no user namespace',
  ),
  ...['gvisor', 'runsc', 'kata', 'kata-qemu'].map((runtimeClassName) =>
    unsupported(
      `the runtime ${runtimeClassName}`,
      { runtimeClassName },
      `spec.runtimeClassName is "${runtimeClassName}": storage cannot be mounted into such a pod while it runs; use a runtime whose containers share the kernel of the node, such as runc`,
    ),
  ),
  byHand(
    'another name',
    { name: 'mine' },
    `spec.volumes: the volume "mine" of this driver must be named "${ROOT_VOLUME_NAME}"`,
  ),
  byHand(
    'a writable volume',
    { csi: { readOnly: false } },
    `spec.volumes: the volume "${ROOT_VOLUME_NAME}" of this driver must have csi.readOnly: true`,
  ),
  byHand(
    'a forged attribute',
    { csi: { volumeAttributes: { ...CSI.volumeAttributes, 'csi.storage.k8s.io/pod.uid': 'x' } } },
    `spec.volumes: the volume "${ROOT_VOLUME_NAME}" of this driver must not have the attribute "csi.storage.k8s.io/pod.uid"; allowed are storageProviderClass and mountPodDispatchPolicy`,
  ),
  byHand(
    'no class',
    { csi: { volumeAttributes: { mountPodDispatchPolicy: 'shared' } } },
    `spec.volumes: the volume "${ROOT_VOLUME_NAME}" of this driver must name its class in the attribute "storageProviderClass"`,
  ),
  byHand(
    'a class that is a path',
    { csi: { volumeAttributes: { ...CSI.volumeAttributes, storageProviderClass: '../x' } } },
    `spec.volumes: the volume "${ROOT_VOLUME_NAME}" of this driver has the attribute "storageProviderClass" "../x": it ${CLASS_NAME}`,
  ),
  byHand(
    'no dispatch policy',
    { csi: { volumeAttributes: { storageProviderClass: 's3-sample' } } },
    `spec.volumes: the volume "${ROOT_VOLUME_NAME}" of this driver must have the attribute "mountPodDispatchPolicy" with the value "independent" or "shared"`,
  ),
];
