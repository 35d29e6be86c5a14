// Is a mount pod what Pod Security restricted admits, where it must be, with what it needs?
import { describe, expect, it } from 'vitest';
import { MOUNT_POD_LABELS } from '../../../api/names.ts';
import { buildMountPod, parseMountPodOrdinal } from '../../../activities/mount-pod-spec.ts';
import type { MountPodNeed } from '../../../activities/mount-pod-spec.ts';

const need: MountPodNeed = {
  sharingKey: '0123456789abcdef',
  provider: 's3',
  node: 'node1',
  className: 's3-sample',
  resources: { requests: { cpu: '10m' }, limits: { memory: '50Mi' } },
  workload: { uid: 'pod-uid', namespace: 'shop', name: 'web-1' },
};
const settings = { mountPodImage: 'dynvol/mount-pod:1' };

function build(changes: Partial<MountPodNeed> = {}, more: object = {}) {
  const pod = buildMountPod({ ...need, ...changes }, 1, { ...settings, ...more });
  const [container] = pod.spec?.containers ?? [];
  if (!pod.spec || !container) throw new Error('The pod has no container');
  return { pod, spec: pod.spec, container };
}

describe('buildMountPod', () => {
  it('meets Pod Security restricted', () => {
    const { spec, container } = build();

    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(spec.automountServiceAccountToken).toBe(false);
    expect([spec.hostNetwork, spec.hostPID, spec.hostIPC]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const kinds = spec.volumes
      ?.flatMap((volume) => Object.keys(volume))
      .filter((key) => key !== 'name');
    expect(new Set(kinds)).toEqual(new Set(['emptyDir']));
  });

  it('is bound to the node by affinity and tolerates every taint', () => {
    const { spec } = build();

    expect(spec.nodeName).toBeUndefined();
    expect(JSON.stringify(spec.affinity)).toContain('"values":["node1"]');
    expect(spec.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  it('is found by its labels', () => {
    const { pod } = build();

    expect(pod.metadata).toMatchObject({
      namespace: 'dynvol-mounts',
      name: 's3-0123456789abcdef-1',
      labels: {
        [MOUNT_POD_LABELS.sharingKey]: '0123456789abcdef',
        [MOUNT_POD_LABELS.workloadPodUid]: 'pod-uid',
      },
    });
  });

  it('cuts a node name that is too long for a label', () => {
    const { pod } = build({ node: `${'n'.repeat(62)}.example.com` });

    expect(pod.metadata?.labels?.[MOUNT_POD_LABELS.node]).toBe('n'.repeat(62));
  });

  it('takes its resources from the class', () => {
    expect(build().container.resources).toEqual({
      requests: { cpu: '10m' },
      limits: { memory: '50Mi' },
    });
  });

  it('trusts the CAs of a ConfigMap and has a priority when told so', () => {
    const { spec, container } = build({}, { trustedCaConfigMap: 'cas', priorityClassName: 'high' });

    expect(spec.priorityClassName).toBe('high');
    expect(spec.volumes?.at(-1)?.configMap).toEqual({ name: 'cas', optional: true });
    expect(container.volumeMounts?.at(-1)).toMatchObject({ mountPath: '/etc/dynvol/trust' });
    expect(container.env).toContainEqual({ name: 'SSL_CERT_DIR', value: '/etc/dynvol/trust' });
  });

  it('holds no credential and no reference to one', () => {
    expect(JSON.stringify(build().pod)).not.toMatch(/secret|accessKey|access-key/i);
  });
});

describe('parseMountPodOrdinal', () => {
  it.each([
    ['s3-0123456789abcdef-7', 7],
    ['s3-0123456789abcdef-12', 12],
    ['something-else', 0],
  ])('%s is %i', (name, ordinal) => {
    expect(parseMountPodOrdinal(name)).toBe(ordinal);
  });
});
