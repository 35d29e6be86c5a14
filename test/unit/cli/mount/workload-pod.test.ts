// In which pods can mount attach storage, and why not in the others?
import { describe, expect, it } from 'vitest';
import { POD_ANNOTATIONS, ROOT_VOLUME_NAME } from '../../../../api/names.ts';
import { findRootPath } from '../../../../cli/mount/workload-pod.ts';
import { aWorkloadPod } from '../../../builders/workload-pods.ts';

const annotations = {
  [POD_ANNOTATIONS.className]: 's3-sample',
  [POD_ANNOTATIONS.rootPath]: '/volumes',
};

describe('findRootPath', () => {
  it('finds where a container mounts the volume root', () => {
    expect(findRootPath(aWorkloadPod('web-0'))).toBe('/volumes');
  });

  it.each([
    ['nobody asked for one', aWorkloadPod('web-0', { spec: {} }), 'into its template'],
    [
      'the annotations came too late',
      aWorkloadPod('web-0', { spec: {}, metadata: { annotations } }),
      'it has the annotations, but was made before',
    ],
    [
      'a volume of the name is of another driver',
      aWorkloadPod('web-0', {
        spec: { volumes: [{ name: ROOT_VOLUME_NAME, csi: { driver: 'other' } }] },
      }),
      'has no volume root',
    ],
    [
      'no container mounts it',
      aWorkloadPod('web-0', {
        spec: { ...aWorkloadPod('web-0').spec, containers: [{}] },
      }),
      'none of its containers mounts',
    ],
    [
      'the pod is being deleted',
      aWorkloadPod('web-0', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      'is being deleted',
    ],
    ['the pod has ended', aWorkloadPod('web-0', { phase: 'Succeeded' }), 'has ended (Succeeded)'],
  ])('refuses where %s', (_why, pod, says) => {
    expect(() => findRootPath(pod)).toThrow(says);
    expect(() => findRootPath(pod)).toThrow('Pod shop/web-0');
  });
});
