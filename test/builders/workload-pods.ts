// What does a pod of a user look like to `kubectl dynvol mount`?
import type { WorkloadPod } from '../../cli/mount/workload-pod.ts';
import { DRIVER_NAME, ROOT_VOLUME_NAME } from '../../api/names.ts';

/** A running pod in the namespace shop with a volume root at /volumes; nobody owns it. */
export function aWorkloadPod(
  name: string,
  changes: {
    metadata?: Partial<WorkloadPod['metadata']>;
    spec?: WorkloadPod['spec'];
    phase?: string;
  } = {},
): WorkloadPod {
  return {
    metadata: { namespace: 'shop', name, uid: `uid-${name}`, ...changes.metadata },
    spec: changes.spec ?? {
      volumes: [{ name: ROOT_VOLUME_NAME, csi: { driver: DRIVER_NAME } }],
      containers: [{ volumeMounts: [{ name: ROOT_VOLUME_NAME, mountPath: '/volumes' }] }],
    },
    status: { phase: changes.phase ?? 'Running' },
  };
}
