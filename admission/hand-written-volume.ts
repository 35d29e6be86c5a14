// Does a volume of our driver that somebody wrote into a pod work as an injected one does?
import { ROOT_VOLUME_NAME, VOLUME_ATTRIBUTES } from '../api/names.ts';
import { DeniedError } from './denied-error.ts';
import { listContainers, listOurVolumes } from './pod.ts';
import type { AdmittedContainer, AdmittedPod, AdmittedVolume } from './pod.ts';
import {
  ALLOWED_POLICIES,
  CLASS_NAME_RULE,
  findPathFault,
  isClassName,
  isDispatchPolicy,
} from './volume-root.ts';

type VolumeMount = NonNullable<AdmittedContainer['volumeMounts']>[number];

const ATTRIBUTES: readonly string[] = Object.values(VOLUME_ATTRIBUTES);

/**
 * Checks the volume and its mounts, and answers the class that the volume names.
 * @throws DeniedError naming the field, its value and what is allowed
 */
export function parseHandWrittenVolume(pod: AdmittedPod): { className: string } {
  const [volume, another] = listOurVolumes(pod);
  if (volume === undefined) throw new Error('The pod has no volume of ours');
  if (another !== undefined) {
    throw deny(volume, `must be the only one of this driver, and "${another.name}" is another`);
  }
  checkVolume(volume);
  for (const container of listContainers(pod)) {
    for (const mount of container.volumeMounts ?? []) {
      if (mount.name === ROOT_VOLUME_NAME) checkVolumeMount(container.name, mount);
    }
  }
  return { className: checkAttributes(volume) };
}

function checkVolume(volume: AdmittedVolume): void {
  if (volume.name !== ROOT_VOLUME_NAME) throw deny(volume, `must be named "${ROOT_VOLUME_NAME}"`);
  if (volume.csi?.readOnly !== true) throw deny(volume, 'must have csi.readOnly: true');
}

function checkAttributes(volume: AdmittedVolume): string {
  const attributes = volume.csi?.volumeAttributes ?? {};
  const unknown = Object.keys(attributes).find((key) => !ATTRIBUTES.includes(key));
  if (unknown !== undefined) {
    const allowed = ATTRIBUTES.join(' and ');
    throw deny(volume, `must not have the attribute "${unknown}"; allowed are ${allowed}`);
  }
  const className = attributes[VOLUME_ATTRIBUTES.className];
  if (className === undefined) {
    throw deny(volume, `must name its class in the attribute "${VOLUME_ATTRIBUTES.className}"`);
  }
  if (!isClassName(className)) {
    const given = `has the attribute "${VOLUME_ATTRIBUTES.className}" ${JSON.stringify(className)}`;
    throw deny(volume, `${given}: it ${CLASS_NAME_RULE}`);
  }
  if (!isDispatchPolicy(attributes[VOLUME_ATTRIBUTES.dispatchPolicy])) {
    const key = VOLUME_ATTRIBUTES.dispatchPolicy;
    throw deny(volume, `must have the attribute "${key}" with the value ${ALLOWED_POLICIES}`);
  }
  return className;
}

function checkVolumeMount(container: string, mount: VolumeMount): void {
  const fault = findMountFault(mount);
  if (fault === undefined) return;
  throw new DeniedError(
    `container "${container}": the mount of the volume "${ROOT_VOLUME_NAME}" at "${mount.mountPath}" ${fault}`,
  );
}

function findMountFault(mount: VolumeMount): string | undefined {
  if (mount['mountPropagation'] !== 'HostToContainer') {
    return 'must have mountPropagation: HostToContainer, without which storage never appears in it';
  }
  if (mount['readOnly'] !== true) return 'must have readOnly: true';
  if (mount['subPath'] !== undefined || mount['subPathExpr'] !== undefined) {
    return 'must not have subPath or subPathExpr, because storage appears at the root of the volume';
  }
  return findPathFault(mount.mountPath);
}

function deny(volume: AdmittedVolume, why: string): DeniedError {
  return new DeniedError(`spec.volumes: the volume "${volume.name}" of this driver ${why}`);
}
