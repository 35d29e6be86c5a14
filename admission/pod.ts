// What of a pod is looked at when it is created?
import { z } from 'zod';
import { DRIVER_NAME } from '../api/names.ts';

const VolumeMount = z.looseObject({ name: z.string(), mountPath: z.string() });

const Container = z.looseObject({
  name: z.string(),
  volumeMounts: z.array(VolumeMount).optional(),
});

const Volume = z.looseObject({
  name: z.string(),
  csi: z
    .looseObject({
      driver: z.string(),
      readOnly: z.boolean().optional(),
      volumeAttributes: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

/** The part of a Pod that is read; it has neither name nor namespace yet when a controller creates it. */
export const AdmittedPod = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.looseObject({
    runtimeClassName: z.string().optional(),
    hostUsers: z.boolean().optional(),
    volumes: z.array(Volume).optional(),
    containers: z.array(Container).optional(),
    initContainers: z.array(Container).optional(),
  }),
});
export type AdmittedPod = z.infer<typeof AdmittedPod>;
export type AdmittedVolume = z.infer<typeof Volume>;
export type AdmittedContainer = z.infer<typeof Container>;

/** Init containers, native sidecars among them, and containers. */
export const CONTAINER_KINDS = ['initContainers', 'containers'] as const;

/** Every container of the pod that can have volumes when it is created. */
export function listContainers(pod: AdmittedPod): AdmittedContainer[] {
  return CONTAINER_KINDS.flatMap((kind) => pod.spec[kind] ?? []);
}

/** Volumes of our driver, whoever wrote them. */
export function listOurVolumes(pod: AdmittedPod): AdmittedVolume[] {
  return (pod.spec.volumes ?? []).filter((volume) => volume.csi?.driver === DRIVER_NAME);
}

/**
 * Does it only mirror a static pod, which the kubelet runs from a file of its own? What is added here never runs.
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
 */
export function isMirrorPod({ metadata }: AdmittedPod): boolean {
  return metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}
