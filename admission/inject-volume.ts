// What must be added to a pod so that it has its volume root?
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DRIVER_NAME, POD_ANNOTATIONS, ROOT_VOLUME_NAME, VOLUME_ATTRIBUTES } from '../api/names.ts';
import { areNested, DeniedError } from './volume-root.ts';
import type { VolumeRoot } from './volume-root.ts';

/** The part of a Pod that is read; it has neither name nor namespace yet when a controller creates it. */
export interface AdmittedPod {
  metadata?: { annotations?: Record<string, string> };
  spec?: {
    volumes?: { name: string; [field: string]: unknown }[];
    containers?: AdmittedContainer[];
    initContainers?: AdmittedContainer[];
  };
}

export interface AdmittedContainer {
  name: string;
  volumeMounts?: { name: string; mountPath: string; [field: string]: unknown }[];
}

/** One operation of a JSON patch (RFC 6902); nothing is ever replaced or removed. */
export interface AddOperation {
  op: 'add';
  path: string;
  value: unknown;
}

/**
 * Plans the additions: one CSI ephemeral volume, and its mount in every container, init containers included. What is there
 * already is left out, so a second look at the result plans nothing.
 *
 * @throws DeniedError something else has the volume's name, or a container mounts something at, above or below the root
 */
export function planInjection(pod: AdmittedPod, root: VolumeRoot): AddOperation[] {
  return [
    ...planVolume(pod, root),
    ...(['initContainers', 'containers'] as const).flatMap((kind) =>
      (pod.spec?.[kind] ?? []).flatMap((container, index) =>
        planVolumeMount(container, `/spec/${kind}/${index}`, root),
      ),
    ),
  ];
}

function planVolume(pod: AdmittedPod, root: VolumeRoot): AddOperation[] {
  const wanted = buildVolume(root);
  const volumes = pod.spec?.volumes;
  const present = volumes?.find((volume) => volume.name === ROOT_VOLUME_NAME);
  if (present !== undefined) {
    if (isDeepStrictEqual(present, wanted)) return [];
    throw new DeniedError(
      `the volume "${ROOT_VOLUME_NAME}" is not what the annotations ask for: remove it from spec.volumes, it is added by itself`,
    );
  }
  return [buildAdd('/spec/volumes', volumes, wanted)];
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
