// What does a person read about annotations, labels, parameters and keys? (docs/reference/annotations.md; no process imports it)
import { buildMarkdownTable } from './markdown-table.ts';
import {
  ALLOW_EVICTION_ANNOTATION,
  CLAIM_FINALIZER,
  CLASS_FINALIZER,
  CLASS_PARAMETERS,
  DISPATCH_POLICIES,
  DRIVER_NAME,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
  NAMESPACE_INJECTION_LABEL,
  POD_ANNOTATIONS,
  POD_LABEL,
  ROOT_VOLUME_NAME,
  SECRET_KEYS,
  VOLUME_ATTRIBUTES,
  WORKLOAD_POD_ANNOTATION,
} from './names.ts';
import { MAX_WARM_MOUNT_PODS, WRITE_MODES } from './storage-provider-class.ts';

type About<Names> = Record<keyof Names, string>;

const [INDEPENDENT, SHARED] = DISPATCH_POLICIES;
const [SEQUENTIAL, CACHED] = WRITE_MODES;

const OF_PODS: About<typeof POD_ANNOTATIONS> = {
  className:
    'Required. The [class](custom-resources.md#storageproviderclass) of claims that name none.',
  rootPath:
    'Required. Directory of the containers below which claims appear: absolute, not `/`, and not at or below `/proc`, `/sys`, `/dev`, `/etc`, `/run/secrets` or `/var/run/secrets`.',
  dispatchPolicy: `\`${INDEPENDENT}\` (when absent): mount pods of its own; \`${SHARED}\`: [one for the node, namespace, class and endpoint](../how-to/share-and-warm-mount-pods.md).`,
  containers:
    'Names of the containers that shall have the volume root, with commas; all of them when absent.',
};

const OF_CLASSES: About<typeof CLASS_PARAMETERS> = {
  secretName: 'Required. Secret with the keys.',
  secretNamespace: 'Required. Its namespace.',
  cpuRequest: 'CPU that a mount pod requests.',
  memoryRequest: 'Memory that a mount pod requests.',
  cpuLimit: 'CPU that a mount pod may use; a small limit makes starts and transfers slow.',
  memoryLimit: 'Memory that a mount pod may use; `50Mi` is enough. Read buffers grow with it.',
  writeMode: `\`${SEQUENTIAL}\` (when absent) or \`${CACHED}\`: [how pods write](../how-to/choose-a-write-mode.md).`,
  warmMountPods: `Mount pods that stand ready on each node with a pod of the class: \`0\` (when absent) to \`${MAX_WARM_MOUNT_PODS}\`.`,
};

const OF_SECRETS: About<typeof SECRET_KEYS> = {
  accessKeyId: 'Required.',
  secretAccessKey: 'Required.',
  sessionToken: 'Of temporary credentials.',
  caCert: "PEM certificates by which the storage's own certificate may be signed.",
};

const OF_MOUNT_PODS: About<typeof MOUNT_POD_LABELS> = {
  sharingKey:
    'Hash of all that makes a mount pod different; the first part of `source=` of its mounts.',
  workloadPodUid: 'UID of the one pod that it is for; absent when pods share it.',
  node: 'Its node, at most 63 characters of the name.',
  warmPool: 'Of one that waits for its first claim: its pool.',
  writeMode: 'Write mode of its class when it was made.',
};

const OF_VOLUMES: About<typeof VOLUME_ATTRIBUTES> = {
  className: `As \`${POD_ANNOTATIONS.className}\`.`,
  dispatchPolicy: `As \`${POD_ANNOTATIONS.dispatchPolicy}\`.`,
};

/** Builds the page. */
export function buildAnnotationsPage(): string {
  return [
    '# Annotations, labels and parameters',
    '',
    'Every name that is written into, or found at, objects of Kubernetes beside [fields](custom-resources.md).',
    '',
    'Generated from `api/names.ts` by `npm run generate`; do not edit.',
    '',
    '## Annotations of a pod',
    '',
    'Read when the pod is created, so they belong into the pod template. On a running pod they change nothing.',
    '',
    ...tabulate('Annotation', POD_ANNOTATIONS, OF_PODS),
    '',
    '## Label and annotations of a namespace',
    '',
    `With the label \`${NAMESPACE_INJECTION_LABEL.key}: ${NAMESPACE_INJECTION_LABEL.value}\` every new pod of the namespace gets a volume root, as the same annotations on the namespace say; [the pod's own have the last word](../how-to/inject-a-namespace.md).`,
    '',
    '## Volume of a pod',
    '',
    `What injection adds, and what may be written by hand: a CSI ephemeral volume \`${ROOT_VOLUME_NAME}\` of the driver \`${DRIVER_NAME}\`, mounted with \`readOnly: true\` and \`mountPropagation: HostToContainer\`. Its \`volumeAttributes\`:`,
    '',
    ...tabulate('Attribute', VOLUME_ATTRIBUTES, OF_VOLUMES),
    '',
    '## Parameters of a class',
    '',
    'Keys of `spec.parameters` of a `StorageProviderClass`. An unknown one is refused. Quantities are those of Kubernetes.',
    '',
    ...tabulate('Parameter', CLASS_PARAMETERS, OF_CLASSES),
    '',
    '## Keys of the Secret',
    '',
    ...tabulate('Key', SECRET_KEYS, OF_SECRETS),
    '',
    '## Mount pods',
    '',
    `Labels of the pods in \`${MOUNT_NAMESPACE}\`; they are ours to write.`,
    '',
    ...tabulate('Label', MOUNT_POD_LABELS, OF_MOUNT_PODS),
    '',
    'Annotations:',
    '',
    ...buildMarkdownTable(
      ['Annotation', 'Means'],
      [
        [
          code(WORKLOAD_POD_ANNOTATION),
          '`<namespace>/<name>` of the pod that it is for, or the namespace alone when pods share it.',
        ],
        [
          code(ALLOW_EVICTION_ANNOTATION),
          'Yours to write: with the value `true` it [may be evicted](../how-to/drain-a-node.md) although it is in use.',
        ],
      ],
    ),
    '',
    '## What is found at your objects',
    '',
    ...buildMarkdownTable(
      ['Name', 'Means'],
      [
        [
          code(POD_LABEL),
          'Label of a pod, with its UID: `kubectl dynvol mount` selects by it a pod that no label of its own tells from others.',
        ],
        [code(CLAIM_FINALIZER), 'Finalizer of a claim: until nothing of it is mounted any more.'],
        [code(CLASS_FINALIZER), 'Finalizer of a class: until no claim uses it.'],
      ],
    ),
    '',
  ].join('\n');
}

function tabulate<Names extends Record<string, string>>(
  title: string,
  names: Names,
  about: About<Names>,
): string[] {
  const keys = Object.keys(names) as (keyof Names)[];
  return buildMarkdownTable(
    [title, 'Means'],
    keys.map((key) => [code(names[key] ?? ''), about[key]]),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}
