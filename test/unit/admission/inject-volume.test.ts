// What is added to a pod, and is the result what the original article prints?
import { describe, expect, it } from 'vitest';
import { planInjection } from '../../../admission/inject-volume.ts';
import type { AddOperation } from '../../../admission/inject-volume.ts';
import type { AdmittedPod } from '../../../admission/pod.ts';

const ROOT = { className: 's3-sample', rootPath: '/volumes', dispatchPolicy: 'independent' };
const MOUNT = {
  name: 'dynamic-volume-root-path',
  mountPath: '/volumes',
  readOnly: true,
  mountPropagation: 'HostToContainer',
};
const VOLUME = {
  csi: {
    driver: 'dynamicvolume.csi.cloudnative101.net',
    readOnly: true,
    volumeAttributes: {
      mountPodDispatchPolicy: 'independent',
      storageProviderClass: 's3-sample',
    },
  },
  name: 'dynamic-volume-root-path',
};

const podOf = (spec: AdmittedPod['spec']): AdmittedPod => ({ metadata: {}, spec });

/** Applies a patch of additions, as the API server does. */
function apply(pod: AdmittedPod, operations: AddOperation[]): AdmittedPod {
  const result = structuredClone(pod);
  for (const { path, value } of operations) {
    const parts = path.slice(1).split('/');
    const last = parts.pop() ?? '';
    const parent = parts.reduce<unknown>(
      (at, part) => (at as Record<string, unknown>)[part],
      result,
    );
    if (last === '-') (parent as unknown[]).push(value);
    else (parent as Record<string, unknown>)[last] = value;
  }
  return result;
}

describe('planInjection', () => {
  it('adds the volume and mounts it in every container, init containers included', () => {
    const pod = podOf({
      volumes: [{ name: 'token' }],
      initContainers: [{ name: 'init' }],
      containers: [
        { name: 'app', volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/x' }] },
        { name: 'sidecar' },
      ],
    });

    expect(planInjection(pod, ROOT)).toEqual([
      { op: 'add', path: '/spec/volumes/-', value: VOLUME },
      { op: 'add', path: '/spec/initContainers/0/volumeMounts', value: [MOUNT] },
      { op: 'add', path: '/spec/containers/0/volumeMounts/-', value: MOUNT },
      { op: 'add', path: '/spec/containers/1/volumeMounts', value: [MOUNT] },
    ]);
  });

  it('makes the list of volumes when there is none', () => {
    const [first] = planInjection(podOf({ containers: [] }), ROOT);

    expect(first).toEqual({ op: 'add', path: '/spec/volumes', value: [VOLUME] });
  });

  it('plans nothing for its own result', () => {
    const pod = podOf({ initContainers: [{ name: 'i' }], containers: [{ name: 'app' }] });
    const injected = apply(pod, planInjection(pod, ROOT));

    expect(planInjection(injected, ROOT)).toEqual([]);
  });

  it('mounts in a container that another webhook added after the first look', () => {
    const pod = podOf({ containers: [{ name: 'app' }] });
    const injected = apply(pod, planInjection(pod, ROOT));
    injected.spec?.containers?.push({ name: 'late' });

    expect(planInjection(injected, ROOT)).toEqual([
      { op: 'add', path: '/spec/containers/1/volumeMounts', value: [MOUNT] },
    ]);
  });

  it('refuses another volume of the same name', () => {
    const pod = podOf({ volumes: [{ name: VOLUME.name, emptyDir: {} }], containers: [] });

    expect(() => planInjection(pod, ROOT)).toThrow('the volume "dynamic-volume-root-path" is not');
  });

  it.each(['/volumes', '/volumes/', '/volumes/data', 'volumes/./x', '/'])(
    'refuses a container that mounts something at %s, naming it',
    (mountPath) => {
      const container = { name: 'app', volumeMounts: [{ name: 'cache', mountPath }] };

      expect(() => planInjection(podOf({ containers: [container] }), ROOT)).toThrow(
        `"/volumes": container "app" already mounts volume "cache" at "${mountPath}"`,
      );
    },
  );

  it('refuses its volume at another path', () => {
    const volumeMounts = [{ ...MOUNT, mountPath: '/elsewhere' }];

    expect(() =>
      planInjection(podOf({ containers: [{ name: 'app', volumeMounts }] }), ROOT),
    ).toThrow('already mounts volume "dynamic-volume-root-path" at "/elsewhere"');
  });

  it('mounts only in the containers that are named, native sidecars among them', () => {
    const pod = podOf({
      initContainers: [{ name: 'init' }, { name: 'sidecar', restartPolicy: 'Always' }],
      containers: [{ name: 'app' }, { name: 'proxy' }],
    });

    const operations = planInjection(pod, { ...ROOT, containers: ['app', 'sidecar'] });

    expect(operations.map(({ path }) => path)).toEqual([
      '/spec/volumes',
      '/spec/initContainers/1/volumeMounts',
      '/spec/containers/0/volumeMounts',
    ]);
  });

  it('lets a container that is not named mount what it likes at the root path', () => {
    const volumeMounts = [{ name: 'cache', mountPath: '/volumes' }];
    const pod = podOf({ containers: [{ name: 'app' }, { name: 'proxy', volumeMounts }] });

    expect(planInjection(pod, { ...ROOT, containers: ['app'] })).toHaveLength(2);
  });

  it('refuses a container that the pod does not have, naming those that it has', () => {
    const pod = podOf({ initContainers: [{ name: 'init' }], containers: [{ name: 'app' }] });

    expect(() => planInjection(pod, { ...ROOT, containers: ['app', 'ap'] })).toThrow(
      'names "ap": the pod has no such container; its containers are init, app',
    );
  });
});
