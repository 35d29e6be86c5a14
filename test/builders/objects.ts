// What do the objects of a test look like when nobody cares for their details?
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { CLASS_PARAMETERS } from '../../api/names.ts';
import type { ClassParameters, StorageProviderClass } from '../../api/storage-provider-class.ts';
import type { ObservedClaim, ObservedPod } from '../../activities/contract.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import type { MountRecord } from '../../workflows/state.ts';

export const CLAIM = { namespace: 'shop', name: 'pictures', uid: 'claim-uid' };
export const KEY_A = 'aaaaaaaaaaaaaaaa.1111111111111111';
export const KEY_B = 'bbbbbbbbbbbbbbbb.1111111111111111';

export const PARAMETERS: ClassParameters = {
  secret: { namespace: 'default', name: 'keys' },
  resources: { requests: {}, limits: { memory: '50Mi' } },
  writeMode: 'sequential',
  warmMountPods: 0,
};

export function aClaim(
  changes: {
    metadata?: Partial<DynamicVolumeClaim['metadata']>;
    spec?: Partial<DynamicVolumeClaim['spec']>;
    status?: DynamicVolumeClaim['status'];
  } = {},
): DynamicVolumeClaim {
  return {
    metadata: {
      ...CLAIM,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...changes.metadata,
    },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mountpoint: '/data',
      readOnly: false,
      s3Config: { bucket: 'photos', endpoint: 'https://s3.example.com' },
      ...changes.spec,
    },
    ...(changes.status ? { status: changes.status } : {}),
  };
}

export function aClass(
  name = 's3-sample',
  parameters: Record<string, string> = {},
): StorageProviderClass {
  return {
    metadata: { name, uid: `class-${name}`, generation: 1, resourceVersion: '1' },
    spec: {
      provider: 's3',
      parameters: {
        [CLASS_PARAMETERS.secretName]: 'keys',
        [CLASS_PARAMETERS.secretNamespace]: 'default',
        ...parameters,
      },
    },
  };
}

/** A running, injected pod that {@link aClaim} matches. */
export function aPod(changes: Partial<PodView> = {}): PodView {
  const name = changes.name ?? 'web-1';
  return {
    uid: `uid-${name}`,
    namespace: CLAIM.namespace,
    name,
    resourceVersion: '1',
    labels: { app: 'web' },
    nodeName: 'node1',
    phase: 'Running',
    terminating: false,
    sandboxReady: true,
    ready: true,
    volumeRoot: { className: 's3-sample', dispatchPolicy: 'independent' },
    ...changes,
  };
}

/** A pod as the plan sees it: ready, wanting {@link KEY_A}. */
export function anObservedPod(changes: Partial<ObservedPod> = {}): ObservedPod {
  const name = changes.name ?? 'web-1';
  return {
    uid: `uid-${name}`,
    name,
    node: 'node1',
    state: 'ready',
    className: 's3-sample',
    sourceKey: KEY_A,
    ...changes,
  };
}

export function anObservation(changes: Partial<ObservedClaim> = {}): ObservedClaim {
  return {
    gone: false,
    deleting: false,
    generation: 1,
    mountpoint: 'data',
    readOnly: false,
    provider: 's3',
    s3: { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: '', region: '' },
    hadFinalizer: true,
    wasDetached: false,
    seen: { classes: { 's3-sample': 1 }, secrets: { 'default/keys': '1' } },
    selector: 'app=web',
    classes: { 's3-sample': PARAMETERS },
    pods: [anObservedPod()],
    ...changes,
  };
}

/** What the state holds of a pod that is served {@link KEY_A} by the mount pod `mp-1`. */
export function aRecord(changes: Partial<MountRecord> = {}): MountRecord {
  return {
    podName: 'web-1',
    node: 'node1',
    mountpoint: 'data',
    sourceKeys: [KEY_A],
    served: {
      sourceKey: KEY_A,
      readOnly: false,
      mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
    },
    ...changes,
  };
}
