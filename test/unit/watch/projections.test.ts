// Is all that is read of an object kept, and nothing else?
import { describe, expect, it } from 'vitest';
import {
  ALLOW_EVICTION_ANNOTATION,
  MOUNT_NAMESPACE,
  WORKLOAD_POD_ANNOTATION,
} from '../../../api/names.ts';
import { projectClaim, projectContainerNames, projectPod } from '../../../watch/projections.ts';

const POD = {
  metadata: {
    namespace: 'default',
    name: 'web',
    uid: 'uid',
    resourceVersion: '7',
    labels: { app: 'web' },
    annotations: { big: 'x' },
    managedFields: [],
  },
  spec: {
    nodeName: 'node1',
    containers: [{ name: 'app', image: 'a:1' }],
    volumes: [
      { name: 'other', csi: { driver: 'example.com' } },
      {
        name: 'dynamic-volume-root-path',
        csi: {
          driver: 'dynamicvolume.csi.cloudnative101.net',
          volumeAttributes: {
            mountPodDispatchPolicy: 'independent',
            storageProviderClass: 's3-sample',
          },
        },
      },
    ],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    conditions: [
      { type: 'PodReadyToStartContainers', status: 'True' },
      { type: 'Ready', status: 'False' },
    ],
  },
};

describe('projectPod', () => {
  it('keeps what a PodView names', () => {
    expect(projectPod(POD)).toEqual({
      uid: 'uid',
      namespace: 'default',
      name: 'web',
      resourceVersion: '7',
      labels: { app: 'web' },
      nodeName: 'node1',
      podIp: '10.0.0.1',
      phase: 'Running',
      terminating: false,
      sandboxReady: true,
      ready: false,
      volumeRoot: { className: 's3-sample', dispatchPolicy: 'independent' },
    });
  });

  it('reads a pod that has just been created', () => {
    const { uid, namespace, name, resourceVersion } = POD.metadata;
    const pod = projectPod({ metadata: { uid, namespace, name, resourceVersion } });

    expect(pod).toMatchObject({ phase: 'Pending', labels: {}, sandboxReady: false, ready: false });
  });

  it.each<[string, object, object | undefined]>([
    [
      'not schedulable',
      {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node' },
        ],
      },
      { reason: 'Unschedulable', message: 'no node' },
    ],
    [
      'an image that cannot be pulled',
      {
        containerStatuses: [
          { name: 'app', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off' } } },
        ],
      },
      { reason: 'ImagePullBackOff', message: 'container app: Back-off' },
    ],
    [
      'an init container that crashes',
      {
        initContainerStatuses: [
          { name: 'init', state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
        containerStatuses: [{ name: 'app', state: { waiting: { reason: 'PodInitializing' } } }],
      },
      { reason: 'CrashLoopBackOff', message: 'container init: CrashLoopBackOff' },
    ],
    [
      'containers that are being created',
      { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }] },
      undefined,
    ],
    [
      'an eviction',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory' },
      { reason: 'Evicted', message: 'The node was low on resource: memory' },
    ],
  ])('tells why a pod does not run: %s', (_case, status, problem) => {
    expect(projectPod({ ...POD, status }).startProblem).toEqual(problem);
  });
});

describe('projectPod of a mount pod', () => {
  const annotations = { [WORKLOAD_POD_ANNOTATION]: 'shop/web-1' };

  it('keeps the namespace that it serves, and believes nobody else', () => {
    const metadata = { ...POD.metadata, annotations };

    expect(projectPod({ ...POD, metadata }).servesNamespace).toBeUndefined();
    expect(
      projectPod({ ...POD, metadata: { ...metadata, namespace: MOUNT_NAMESPACE } }).servesNamespace,
    ).toBe('shop');
  });

  it.each([
    ['true', true],
    ['no', undefined],
    [undefined, undefined],
  ])('keeps of whom it serves and whether it may be evicted: %s', (leave, mayBeEvicted) => {
    const allowed = leave ? { [ALLOW_EVICTION_ANNOTATION]: leave } : {};
    const metadata = {
      ...POD.metadata,
      namespace: MOUNT_NAMESPACE,
      annotations: { ...annotations, ...allowed },
    };

    const pod = projectPod({ ...POD, metadata });

    expect(pod).toMatchObject({ servesNamespace: 'shop', servesPod: 'web-1', image: 'a:1' });
    expect(pod.mayBeEvicted).toBe(mayBeEvicted);
  });
});

describe('projectContainerNames', () => {
  it('knows all containers by their ids', () => {
    const status = {
      initContainerStatuses: [{ name: 'init', containerID: 'containerd://1' }],
      containerStatuses: [{ name: 'app', containerID: 'cri-o://2' }],
    };

    expect(projectContainerNames({ ...POD, status })).toEqual({ 1: 'init', 2: 'app' });
  });

  it('leaves out a container that has not been made', () => {
    const status = { containerStatuses: [{ name: 'app' }, { name: 'other', containerID: '' }] };

    expect(projectContainerNames({ ...POD, status })).toEqual({});
  });
});

describe('projectClaim', () => {
  it('keeps what is there and adds no field that is not', () => {
    const metadata = {
      namespace: 'default',
      name: 'c',
      uid: 'u',
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    const spec = { mountpoint: '/data' };

    expect(projectClaim({ metadata: { ...metadata, managedFields: [] }, spec })).toEqual({
      metadata,
      spec,
    });
  });
});
