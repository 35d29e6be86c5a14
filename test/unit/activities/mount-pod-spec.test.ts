// Is a mount pod what Pod Security restricted admits, where it must be, with what it needs?
import { describe, expect, it } from 'vitest';
import { MOUNT_POD_LABELS, WORKLOAD_POD_ANNOTATION } from '../../../api/names.ts';
import {
  buildMountPod,
  buildPoolKey,
  buildWarmMountPod,
  buildWarmNamePrefix,
  parseMountPodOrdinal,
} from '../../../activities/mount-pod-spec.ts';
import type { MountPodNeed } from '../../../activities/mount-pod-spec.ts';
import type { ClassParameters } from '../../../api/storage-provider-class.ts';
import { PARAMETERS } from '../../builders/objects.ts';

const need: MountPodNeed = {
  sharingKey: '0123456789abcdef',
  provider: 's3',
  node: 'node1',
  className: 's3-sample',
  parameters: {
    ...PARAMETERS,
    resources: { requests: { cpu: '10m' }, limits: { memory: '50Mi' } },
  },
  workload: { namespace: 'shop', pod: { uid: 'pod-uid', name: 'web-1' } },
};
const settings = { mountPodImage: 'dynvol/mount-pod:1' };

function withLimits(limits: { cpu?: string; memory?: string }): ClassParameters {
  const { requests } = need.parameters.resources;
  return { ...need.parameters, resources: { requests, limits } };
}

function build(changes: Partial<MountPodNeed> = {}, more: object = {}) {
  const pod = buildMountPod({ ...need, ...changes }, 1, { ...settings, ...more });
  const [container] = pod.spec?.containers ?? [];
  if (!pod.spec || !container) throw new Error('The pod has no container');
  return { pod, spec: pod.spec, container };
}

describe('buildMountPod', () => {
  it('is pulled when the chart says, and else when the node lacks it', () => {
    const pulled = build({}, { pullPolicy: 'Always' });

    expect(pulled.container.imagePullPolicy).toBe('Always');
    expect(build().container.imagePullPolicy).toBe('IfNotPresent');
  });

  it('is pulled with the Secrets of the chart', () => {
    expect(build({}, { pullSecrets: ['login'] }).spec.imagePullSecrets).toEqual([
      { name: 'login' },
    ]);
    expect(build().spec.imagePullSecrets).toBeUndefined();
  });

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

  it('names the pod that it is for, or only the namespace when pods share it', () => {
    const own = build().pod.metadata;
    const shared = build({ workload: { namespace: 'shop' } }).pod.metadata;

    expect(own?.annotations?.[WORKLOAD_POD_ANNOTATION]).toBe('shop/web-1');
    expect(shared?.annotations?.[WORKLOAD_POD_ANNOTATION]).toBe('shop');
    expect(shared?.labels).not.toHaveProperty([MOUNT_POD_LABELS.workloadPodUid]);
  });

  it('has a bounded cache when writes are cached', () => {
    const { spec, container } = build({ parameters: { ...PARAMETERS, writeMode: 'cached' } });

    expect(spec.volumes).toContainEqual({ name: 'cache', emptyDir: { sizeLimit: '4Gi' } });
    expect(container.volumeMounts).toContainEqual({
      name: 'cache',
      mountPath: '/tmp/rclone-cache',
    });
    expect(JSON.stringify(build().spec)).not.toContain('cache"');
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

describe('buildWarmMountPod', () => {
  const warm = buildWarmMountPod(need, 3, settings);

  it('is a mount pod for nobody yet', () => {
    expect(warm.spec).toEqual(build().spec);
    expect(warm.metadata.labels).not.toHaveProperty([MOUNT_POD_LABELS.sharingKey]);
    expect(warm.metadata.annotations).not.toHaveProperty([WORKLOAD_POD_ANNOTATION]);
    expect(warm.metadata.labels).toMatchObject({
      [MOUNT_POD_LABELS.warmPool]: buildPoolKey(need, settings),
    });
  });

  it('comes before any that was made for its sharing key', () => {
    expect(warm.metadata.name).toBe(`${buildWarmNamePrefix(need, settings)}3`);
    expect(parseMountPodOrdinal(warm.metadata.name)).toBe(0);
  });

  it.each<[string, Partial<MountPodNeed>]>([
    ['node', { node: 'node2' }],
    ['class', { className: 'other' }],
    ['write mode', { parameters: { ...need.parameters, writeMode: 'cached' } }],
    ['limits', { parameters: withLimits({ memory: '51Mi' }) }],
  ])('belongs to another pool with another %s', (_what, change) => {
    expect(buildWarmNamePrefix({ ...need, ...change }, settings)).not.toBe(
      buildWarmNamePrefix(need, settings),
    );
  });

  it('belongs to another pool with another image', () => {
    expect(buildPoolKey(need, { mountPodImage: 'dynvol/mount-pod:2' })).not.toBe(
      buildPoolKey(need, settings),
    );
  });

  it('does not care for the Secret or the size of its pool', () => {
    const secret = { namespace: 'other', name: 'other' };
    const parameters = { ...need.parameters, secret, warmMountPods: 7 };

    expect(buildPoolKey({ ...need, parameters }, settings)).toBe(buildPoolKey(need, settings));
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
