// What does a mount pod look like? (pure)
import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import {
  COMPONENT_LABEL,
  COMPONENTS,
  GROUP,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
} from '../api/names.ts';
import { MOUNT_POD_RUN_DIR, MOUNT_POD_RUN_VOLUME } from '../api/paths.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type { ActivitySettings } from './dependencies.ts';
import { buildRcloneEnvironment } from './rclone-environment.ts';

/** Who needs a mount pod, and where. */
export interface MountPodNeed {
  sharingKey: string;
  provider: 's3';
  node: string;
  className: string;
  resources: ClassParameters['resources'];
  workload: { uid: string; namespace: string; name: string };
}

type SpecSettings = Pick<
  ActivitySettings,
  'mountPodImage' | 'priorityClassName' | 'trustedCaConfigMap'
>;

/** `nobody`: the image needs no user of its own. */
const USER_ID = 65_534;
const TRUST_DIR = '/etc/dynvol/trust';

/**
 * Builds a mount pod that Pod Security *restricted* admits.
 *
 * It is bound to its node by affinity and not by `nodeName`, so that the scheduler still counts its
 * resources, and it tolerates every taint, because the workload pod is there already.
 *
 * @param ordinal one more than the highest of the sharing key's pods: makes the name free and the same
 *   for all who see the same pods
 */
export function buildMountPod(
  need: MountPodNeed,
  ordinal: number,
  settings: SpecSettings,
): V1Pod & { metadata: { namespace: string; name: string } } {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: MOUNT_NAMESPACE,
      name: `${need.provider}-${need.sharingKey}-${ordinal}`,
      labels: buildLabels(need),
      annotations: {
        [`${GROUP}/workload-pod`]: `${need.workload.namespace}/${need.workload.name}`,
        [`${GROUP}/storage-provider-class`]: need.className,
      },
    },
    spec: buildSpec(need, settings),
  };
}

/** The ordinal in a mount pod's name; 0 for a name that is not ours. */
export function parseMountPodOrdinal(name: string): number {
  return Number(/^[a-z0-9]+-[0-9a-f]+-(\d+)$/.exec(name)?.[1] ?? 0);
}

function buildLabels(need: MountPodNeed): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'dynvol',
    'app.kubernetes.io/managed-by': 'dynvol-controller',
    [COMPONENT_LABEL]: COMPONENTS.mountPod,
    [MOUNT_POD_LABELS.sharingKey]: need.sharingKey,
    [MOUNT_POD_LABELS.workloadPodUid]: need.workload.uid,
    // A node's name may be longer than a label; the label is only there for people.
    [MOUNT_POD_LABELS.node]: need.node.slice(0, 63).replace(/[^A-Za-z0-9]+$/, ''),
  };
}

function buildSpec(need: MountPodNeed, settings: SpecSettings): V1PodSpec {
  const { priorityClassName, trustedCaConfigMap } = settings;
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: [need.node] }] },
          ],
        },
      },
    },
    tolerations: [{ operator: 'Exists' }],
    ...(priorityClassName ? { priorityClassName } : {}),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Exit code 0 is how a retired one ends; any other end is a crash, to be started again.
    restartPolicy: 'OnFailure',
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER_ID,
      runAsGroup: USER_ID,
      fsGroup: USER_ID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [buildContainer(need, settings)],
    volumes: [
      { name: MOUNT_POD_RUN_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ...(trustedCaConfigMap
        ? [{ name: 'trust', configMap: { name: trustedCaConfigMap, optional: true } }]
        : []),
    ],
  };
}

function buildContainer(need: MountPodNeed, settings: SpecSettings): V1Container {
  return {
    name: 'rclone',
    image: settings.mountPodImage,
    imagePullPolicy: 'IfNotPresent',
    env: [
      ...Object.entries(buildRcloneEnvironment(need.resources.limits.memory)),
      ['SSL_CERT_FILE', '/etc/ssl/certs/ca-certificates.crt'],
      ['SSL_CERT_DIR', TRUST_DIR],
    ].map(([name = '', value = '']) => ({ name, value })),
    resources: { requests: { ...need.resources.requests }, limits: { ...need.resources.limits } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: MOUNT_POD_RUN_VOLUME, mountPath: MOUNT_POD_RUN_DIR },
      { name: 'tmp', mountPath: '/tmp' },
      ...(settings.trustedCaConfigMap
        ? [{ name: 'trust', mountPath: TRUST_DIR, readOnly: true }]
        : []),
    ],
  };
}
