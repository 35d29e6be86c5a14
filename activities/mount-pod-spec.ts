// What does a mount pod look like? (pure)
import { createHash } from 'node:crypto';
import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import {
  COMPONENT_LABEL,
  COMPONENTS,
  GROUP,
  MOUNT_CONTAINER,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
  WORKLOAD_POD_ANNOTATION,
} from '../api/names.ts';
import { MOUNT_POD_RUN_DIR, MOUNT_POD_RUN_VOLUME } from '../api/paths.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type { ActivitySettings } from './dependencies.ts';
import { buildRcloneEnvironment } from './rclone-environment.ts';

/** What all mount pods of a class on a node have in common. */
export interface MountPodPlace {
  provider: 's3';
  node: string;
  className: string;
  parameters: ClassParameters;
}

/** Who needs a mount pod, and where. */
export interface MountPodNeed extends MountPodPlace {
  sharingKey: string;
  /** The pods that it is for: one, or with the policy `shared` those of a namespace. */
  workload: { namespace: string; pod?: { uid: string; name: string } };
}

type SpecSettings = Pick<
  ActivitySettings,
  'mountPodImage' | 'priorityClassName' | 'pullPolicy' | 'pullSecrets' | 'trustedCaConfigMap'
>;

/** `nobody`: the image needs no user of its own. */
const USER_ID = 65_534;
/**
 * Files that were written and wait for their upload; the path is that of mount-pod.c. Past the limit the
 * kubelet evicts the mount pod, so it is well above the size at which rclone (remote-mount.ts) makes room.
 */
const CACHE = { name: 'cache', path: '/tmp/rclone-cache', sizeLimit: '4Gi' };
const TRUST_DIR = '/etc/dynvol/trust';

type BuiltPod = V1Pod & { metadata: { namespace: string; name: string } };

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
): BuiltPod {
  const name = `${need.provider}-${need.sharingKey}-${ordinal}`;
  return buildPod(need, settings, { name, ...buildAssignment(need) });
}

/**
 * Builds a mount pod that waits in a pool for its first source.
 *
 * @param ordinal as in {@link buildMountPod}, of the pool's pods on the node
 */
export function buildWarmMountPod(
  place: MountPodPlace,
  ordinal: number,
  settings: SpecSettings,
): BuiltPod {
  return buildPod(place, settings, {
    name: `${buildWarmNamePrefix(place, settings)}${ordinal}`,
    labels: { [MOUNT_POD_LABELS.warmPool]: buildPoolKey(place, settings) },
    annotations: {},
  });
}

/** What the names of a pool's pods on a node have in common before the ordinal, and no other pod has. */
export function buildWarmNamePrefix(
  place: MountPodPlace,
  settings: Pick<SpecSettings, 'mountPodImage'>,
): string {
  return `${place.provider}-warm-${hash([buildPoolKey(place, settings), place.node])}-`;
}

/** Mount pods of one pool are alike but for their node: 16 hexadecimal digits over all that makes them differ. */
export function buildPoolKey(
  { provider, className, parameters }: Omit<MountPodPlace, 'node'>,
  { mountPodImage }: Pick<SpecSettings, 'mountPodImage'>,
): string {
  const { requests, limits } = parameters.resources;
  return hash([
    provider,
    className,
    [requests.cpu, requests.memory, limits.cpu, limits.memory],
    parameters.writeMode,
    mountPodImage,
  ]);
}

/** The metadata that make a mount pod the one of a sharing key. */
export function buildAssignment({ sharingKey, workload }: MountPodNeed): {
  labels: Record<string, string>;
  annotations: Record<string, string>;
} {
  const { namespace, pod } = workload;
  return {
    labels: {
      [MOUNT_POD_LABELS.sharingKey]: sharingKey,
      ...(pod ? { [MOUNT_POD_LABELS.workloadPodUid]: pod.uid } : {}),
    },
    annotations: { [WORKLOAD_POD_ANNOTATION]: pod ? `${namespace}/${pod.name}` : namespace },
  };
}

function buildPod(
  place: MountPodPlace,
  settings: SpecSettings,
  own: {
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  },
): BuiltPod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: MOUNT_NAMESPACE,
      name: own.name,
      labels: { ...buildLabels(place), ...own.labels },
      annotations: {
        [`${GROUP}/storage-provider-class`]: place.className,
        ...own.annotations,
      },
    },
    spec: buildSpec(place, settings),
  };
}

/** The ordinal in a mount pod's name; 0 for a name that is not ours. */
export function parseMountPodOrdinal(name: string): number {
  return Number(/^[a-z0-9]+-[0-9a-f]+-(\d+)$/.exec(name)?.[1] ?? 0);
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function buildLabels({ node, parameters }: MountPodPlace): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'dynvol',
    'app.kubernetes.io/managed-by': 'dynvol-controller',
    [COMPONENT_LABEL]: COMPONENTS.mountPod,
    [MOUNT_POD_LABELS.writeMode]: parameters.writeMode,
    // A node's name may be longer than a label; the label is only there for people.
    [MOUNT_POD_LABELS.node]: node.slice(0, 63).replace(/[^A-Za-z0-9]+$/, ''),
  };
}

function buildSpec(place: MountPodPlace, settings: SpecSettings): V1PodSpec {
  const { priorityClassName, pullSecrets, trustedCaConfigMap } = settings;
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: [place.node] }] },
          ],
        },
      },
    },
    tolerations: [{ operator: 'Exists' }],
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(pullSecrets ? { imagePullSecrets: pullSecrets.map((name) => ({ name })) } : {}),
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
    containers: [buildContainer(place, settings)],
    volumes: [
      { name: MOUNT_POD_RUN_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ...(isCached(place) ? [{ name: CACHE.name, emptyDir: { sizeLimit: CACHE.sizeLimit } }] : []),
      ...(trustedCaConfigMap
        ? [{ name: 'trust', configMap: { name: trustedCaConfigMap, optional: true } }]
        : []),
    ],
  };
}

function isCached({ parameters }: MountPodPlace): boolean {
  return parameters.writeMode === 'cached';
}

function buildContainer(place: MountPodPlace, settings: SpecSettings): V1Container {
  const { resources } = place.parameters;
  return {
    name: MOUNT_CONTAINER,
    image: settings.mountPodImage,
    imagePullPolicy: settings.pullPolicy ?? 'IfNotPresent',
    env: [
      ...Object.entries(buildRcloneEnvironment(resources.limits.memory)),
      ['SSL_CERT_FILE', '/etc/ssl/certs/ca-certificates.crt'],
      ['SSL_CERT_DIR', TRUST_DIR],
    ].map(([name = '', value = '']) => ({ name, value })),
    resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
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
      ...(isCached(place) ? [{ name: CACHE.name, mountPath: CACHE.path }] : []),
      ...(settings.trustedCaConfigMap
        ? [{ name: 'trust', mountPath: TRUST_DIR, readOnly: true }]
        : []),
    ],
  };
}
