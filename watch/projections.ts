// Which fields of Kubernetes objects are kept?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import {
  ALLOW_EVICTION_ANNOTATION,
  DRIVER_NAME,
  MOUNT_NAMESPACE,
  ROOT_VOLUME_NAME,
  VOLUME_ATTRIBUTES,
  WORKLOAD_POD_ANNOTATION,
} from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { PodView } from './cluster-view.ts';

/** The API server has checked the object against the CRD's schema; only what nobody reads is dropped. */
export function projectClaim(object: unknown): DynamicVolumeClaim {
  const { metadata, spec, status } = object as DynamicVolumeClaim;
  return {
    metadata: {
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
      generation: metadata.generation,
      resourceVersion: metadata.resourceVersion,
      creationTimestamp: metadata.creationTimestamp,
      ...(metadata.deletionTimestamp ? { deletionTimestamp: metadata.deletionTimestamp } : {}),
      ...(metadata.finalizers ? { finalizers: metadata.finalizers } : {}),
    },
    spec,
    ...(status ? { status } : {}),
  };
}

/** As {@link projectClaim}. */
export function projectClass(object: unknown): StorageProviderClass {
  const { metadata, spec } = object as StorageProviderClass;
  return {
    metadata: {
      name: metadata.name,
      uid: metadata.uid,
      generation: metadata.generation,
      resourceVersion: metadata.resourceVersion,
      ...(metadata.deletionTimestamp ? { deletionTimestamp: metadata.deletionTimestamp } : {}),
      ...(metadata.finalizers ? { finalizers: metadata.finalizers } : {}),
    },
    spec,
  };
}

/** The part of `v1.Pod` that is read. */
interface Pod {
  metadata: {
    namespace: string;
    name: string;
    uid: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec?: {
    nodeName?: string;
    containers?: { image?: string }[];
    volumes?: {
      name: string;
      csi?: { driver: string; volumeAttributes?: Record<string, string> };
    }[];
  };
  status?: {
    phase?: string;
    /** Why it failed, when that was none of its containers' doing. */
    reason?: string;
    message?: string;
    podIP?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
    ephemeralContainerStatuses?: ContainerStatus[];
  };
}

interface ContainerStatus {
  name: string;
  /** `<runtime>://<id>`; absent or empty before the container is made. */
  containerID?: string;
  state?: { waiting?: { reason?: string; message?: string } };
}

/** Keeps of a pod what {@link PodView} names. */
export function projectPod(object: unknown): PodView {
  const pod = object as Pod;
  const { metadata, spec, status } = pod;
  const volumeRoot = findVolumeRoot(pod);
  const startProblem = findStartProblem(pod);
  return {
    uid: metadata.uid,
    namespace: metadata.namespace,
    name: metadata.name,
    resourceVersion: metadata.resourceVersion,
    labels: metadata.labels ?? {},
    ...(spec?.nodeName ? { nodeName: spec.nodeName } : {}),
    ...(status?.podIP ? { podIp: status.podIP } : {}),
    phase: status?.phase ?? 'Pending',
    terminating: metadata.deletionTimestamp !== undefined,
    sandboxReady: isTrue(pod, 'PodReadyToStartContainers'),
    ready: isTrue(pod, 'Ready'),
    ...(volumeRoot ? { volumeRoot } : {}),
    ...projectMountPod(pod),
    ...(startProblem ? { startProblem } : {}),
  };
}

/** Names of a pod's containers by the id that the runtime gave them. */
export function projectContainerNames(object: unknown): Record<string, string> {
  const { status } = object as Pod;
  const statuses = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  return Object.fromEntries(
    statuses.flatMap(({ name, containerID }) => {
      const id = containerID?.split('://')[1];
      return id ? [[id, name]] : [];
    }),
  );
}

function isTrue(pod: Pod, type: string): boolean {
  return (
    pod.status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
  );
}

function findVolumeRoot(pod: Pod): PodView['volumeRoot'] {
  const volume = pod.spec?.volumes?.find(
    (each) => each.name === ROOT_VOLUME_NAME && each.csi?.driver === DRIVER_NAME,
  );
  if (volume === undefined) return undefined;
  const attributes = volume.csi?.volumeAttributes ?? {};
  return {
    className: attributes[VOLUME_ATTRIBUTES.className] ?? '',
    dispatchPolicy: attributes[VOLUME_ATTRIBUTES.dispatchPolicy] ?? '',
  };
}

/** Believed in our own namespace only: anyone may annotate a pod of theirs. */
function projectMountPod({
  metadata,
  spec,
}: Pod): Pick<PodView, 'servesNamespace' | 'servesPod' | 'image' | 'mayBeEvicted'> {
  if (metadata.namespace !== MOUNT_NAMESPACE) return {};
  const image = spec?.containers?.[0]?.image;
  const { annotations = {} } = metadata;
  const [servesNamespace, servesPod] = annotations[WORKLOAD_POD_ANNOTATION]?.split('/') ?? [];
  return {
    ...(servesNamespace ? { servesNamespace } : {}),
    ...(servesPod ? { servesPod } : {}),
    ...(image ? { image } : {}),
    ...(annotations[ALLOW_EVICTION_ANNOTATION] === 'true' ? { mayBeEvicted: true } : {}),
  };
}

/** What a container waits for while all is well. */
const USUAL_WAITS: readonly string[] = ['ContainerCreating', 'PodInitializing'];

function findStartProblem(pod: Pod): PodView['startProblem'] {
  const { phase, reason, message = '' } = pod.status ?? {};
  if (phase === 'Failed') return { reason: reason ?? phase, message };
  const unscheduled = pod.status?.conditions?.find(
    (each) => each.type === 'PodScheduled' && each.status === 'False',
  );
  if (unscheduled === undefined) return findContainerProblem(pod);
  return { reason: unscheduled.reason ?? 'Unschedulable', message: unscheduled.message ?? '' };
}

function findContainerProblem({ status }: Pod): PodView['startProblem'] {
  const containers = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  for (const { name, state } of containers) {
    const reason = state?.waiting?.reason;
    if (reason === undefined || USUAL_WAITS.includes(reason)) continue;
    return { reason, message: `container ${name}: ${state?.waiting?.message ?? reason}` };
  }
  return undefined;
}
