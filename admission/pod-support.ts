// Can storage be mounted into this pod at all, while it runs?
import { POD_ANNOTATIONS } from '../api/names.ts';
import { DeniedError } from './denied-error.ts';
import type { AdmittedPod } from './pod.ts';

/** Runtimes whose containers do not share the mounts of the node; the names that their projects give. */
const SANDBOXES = /^(gvisor|runsc|kata|firecracker)\b/;

/** @throws DeniedError the pod runs where mounts of the node do not arrive */
export function checkPodSupport({ spec }: AdmittedPod): void {
  if (spec.hostUsers === false) {
    throw deny('spec.hostUsers is false', 'leave it out, so that the pod has no user namespace');
  }
  if (spec.runtimeClassName !== undefined && SANDBOXES.test(spec.runtimeClassName)) {
    throw deny(
      `spec.runtimeClassName is "${spec.runtimeClassName}"`,
      'use a runtime whose containers share the kernel of the node, such as runc',
    );
  }
}

function deny(field: string, next: string): DeniedError {
  return new DeniedError(
    `${field}: storage cannot be mounted into such a pod while it runs; ${next}`,
    POD_ANNOTATIONS.className,
  );
}
