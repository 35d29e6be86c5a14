// What must be added to a pod so that it has its volume root?
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DRIVER_NAME, POD_ANNOTATIONS, ROOT_VOLUME_NAME, VOLUME_ATTRIBUTES } from '../api/names.ts';
import { DeniedError } from './denied-error.ts';
import { CONTAINER_KINDS, listContainers, listOurVolumes } from './pod.ts';
import type { AdmittedContainer, AdmittedPod } from './pod.ts';
import { areNested } from './volume-root.ts';
import type { VolumeRoot } from './volume-root.ts';

/** One operation of a JSON patch (RFC 6902); nothing is ever replaced or removed. */
export interface AddOperation {
  op: 'add';
  path: string;
  value: unknown;
}

/**
 * Plans the additions: one CSI ephemeral volume, and its mount in every container that shall see it, init containers
 * included. What is there already is left out, so a second look at the result plans nothing.
 *
 * @throws DeniedError something else has the volume's name, a container mounts something at, above or below the root, or
 *   a container that the annotation names does not exist
 */
export function planInjection(pod: AdmittedPod, root: VolumeRoot): AddOperation[] {
  checkContainerNames(pod, root);
  return [
    ...planVolume(pod, root),
    ...CONTAINER_KINDS.flatMap((kind) =>
      (pod.spec[kind] ?? []).flatMap((container, index) =>
        isWanted(container, root) ? planVolumeMount(container, `/spec/${kind}/${index}`, root) : [],
      ),
    ),
  ];
}

/** Has the pod exactly the volume that would be added? */
export function isInjected(pod: AdmittedPod, root: VolumeRoot): boolean {
  return listOurVolumes(pod).some((volume) => isDeepStrictEqual(volume, buildVolume(root)));
}

function isWanted(container: AdmittedContainer, { containers }: VolumeRoot): boolean {
  return containers === undefined || containers.includes(container.name);
}

function checkContainerNames(pod: AdmittedPod, { containers = [] }: VolumeRoot): void {
  const names = listContainers(pod).map(({ name }) => name);
  const unknown = containers.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new DeniedError(
    `the annotation "${POD_ANNOTATIONS.containers}" names "${unknown}": the pod has no such container; its containers are ${names.join(', ')}`,
    POD_ANNOTATIONS.containers,
  );
}

function planVolume(pod: AdmittedPod, root: VolumeRoot): AddOperation[] {
  if (isInjected(pod, root)) return [];
  const volumes = pod.spec.volumes;
  const inTheWay =
    volumes?.find((volume) => volume.name === ROOT_VOLUME_NAME) ?? listOurVolumes(pod)[0];
  if (inTheWay !== undefined) {
    throw new DeniedError(
      `the volume "${inTheWay.name}" is not what the annotations ask for: remove it from spec.volumes, it is added by itself`,
    );
  }
  return [buildAdd('/spec/volumes', volumes, buildVolume(root))];
}

function planVolumeMount(
  container: AdmittedContainer,
  path: string,
  root: VolumeRoot,
): AddOperation[] {
  const wanted = buildVolumeMount(root);
  const mounts = container.volumeMounts;
  if (mounts?.some((mount) => isDeepStrictEqual(mount, wanted))) return [];
  const inTheWay = mounts?.find(
    (mount) =>
      mount.name === ROOT_VOLUME_NAME ||
      areNested(posix.resolve('/', mount.mountPath), root.rootPath),
  );
  if (inTheWay !== undefined) {
    throw new DeniedError(
      `the annotation "${POD_ANNOTATIONS.rootPath}" is "${root.rootPath}": container "${container.name}" already mounts volume "${inTheWay.name}" at "${inTheWay.mountPath}"; choose a path that is not at, above or below it`,
      POD_ANNOTATIONS.rootPath,
    );
  }
  return [buildAdd(`${path}/volumeMounts`, mounts, wanted)];
}

/** Exactly the volume of the original article. */
function buildVolume(root: VolumeRoot): object {
  return {
    name: ROOT_VOLUME_NAME,
    csi: {
      driver: DRIVER_NAME,
      readOnly: true,
      volumeAttributes: {
        [VOLUME_ATTRIBUTES.className]: root.className,
        [VOLUME_ATTRIBUTES.dispatchPolicy]: root.dispatchPolicy,
      },
    },
  };
}

/** `HostToContainer` lets mounts made later appear; read-only, writes beside a mount fail instead of filling the host. */
function buildVolumeMount(root: VolumeRoot): object {
  return {
    name: ROOT_VOLUME_NAME,
    mountPath: root.rootPath,
    readOnly: true,
    mountPropagation: 'HostToContainer',
  };
}

function buildAdd(path: string, list: unknown[] | undefined, value: unknown): AddOperation {
  return list === undefined
    ? { op: 'add', path, value: [value] }
    : { op: 'add', path: `${path}/-`, value };
}
