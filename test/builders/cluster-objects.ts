// What do the objects of a cluster look like as its API server gives them?
import type { ClaimPod, DynamicVolumeClaimStatus } from '../../api/dynamic-volume-claim.ts';
import {
  API_VERSION,
  CLAIM_PLURAL,
  COMPONENT_LABEL,
  COMPONENTS,
  DRIVER_NAME,
  GROUP,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
  POD_ANNOTATIONS,
  ROOT_VOLUME_NAME,
  VOLUME_ATTRIBUTES,
  WORKLOAD_POD_ANNOTATION,
} from '../../api/names.ts';
import type { FakeApiServer, GivenObject } from '../fakes/fake-api-server.ts';
import { aReady } from './claim-detail.ts';

const CLAIM_GROUP = `/apis/${GROUP}/${API_VERSION}`;

/** Paths of the collections in which a fake keeps claims: those of a namespace, and those of all. */
export const ALL_CLAIMS = `${CLAIM_GROUP}/${CLAIM_PLURAL}`;
export const claimsOf = (namespace: string): string =>
  `${CLAIM_GROUP}/namespaces/${namespace}/${CLAIM_PLURAL}`;
export const podsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

export interface GivenClaim {
  namespace?: string;
  name?: string;
  generation?: number;
  reason?: string;
  message?: string;
  pods?: ClaimPod[];
}

/** A claim whose pods all have the storage, unless a reason says otherwise. */
export function aClaimObject(given: GivenClaim = {}): GivenObject {
  const {
    namespace = 'shop',
    name = 'pictures',
    generation = 1,
    reason,
    message,
    pods = [],
  } = given;
  const matched = pods.length;
  const attached = pods.filter(({ state }) => state === 'Attached').length;
  const status: DynamicVolumeClaimStatus = {
    observedGeneration: 1,
    provider: 's3',
    storageProviderClassName: 's3-sample',
    matched,
    attached,
    attachedOfMatched: `${attached}/${matched}`,
    failed: pods.filter(({ state }) => state === 'Failed').length,
    notInjected: 0,
    conditions: [aReady(reason, message)],
    pods,
    workflow: { id: `dvc/${namespace}/${name}/1` },
  };
  return {
    apiVersion: `${GROUP}/${API_VERSION}`,
    kind: 'DynamicVolumeClaim',
    metadata: { namespace, name, generation, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mountpoint: '/data',
      readOnly: false,
      s3Config: { bucket: 'photos', endpoint: 'https://s3.example.com' },
    },
    status,
  };
}

/** Puts a claim where a list of its namespace and a list of all find it. */
export function putClaim(api: FakeApiServer, given: GivenClaim = {}): void {
  const object = aClaimObject(given);
  const { uid } = api.put(claimsOf(object.metadata.namespace ?? ''), object).metadata;
  api.put(ALL_CLAIMS, { ...object, metadata: { ...object.metadata, uid } });
}

/** A running, injected pod of the namespace `shop` on `node1`. */
export function aPodObject(name: string): GivenObject {
  return {
    metadata: { namespace: 'shop', name, uid: `uid-${name}`, labels: { app: 'web' } },
    spec: {
      nodeName: 'node1',
      containers: [{ name: 'web' }],
      volumes: [
        {
          name: ROOT_VOLUME_NAME,
          csi: {
            driver: DRIVER_NAME,
            volumeAttributes: {
              [VOLUME_ATTRIBUTES.className]: 's3-sample',
              [VOLUME_ATTRIBUTES.dispatchPolicy]: 'independent',
            },
          },
        },
      ],
    },
    status: { phase: 'Running' },
  };
}

/** A mount pod that is for one pod of the namespace `shop`. */
export function aMountPodObject(pod: string, className = 's3-sample'): GivenObject {
  return {
    metadata: {
      namespace: MOUNT_NAMESPACE,
      name: `s3-${pod}-${className}`,
      labels: {
        [COMPONENT_LABEL]: COMPONENTS.mountPod,
        [MOUNT_POD_LABELS.workloadPodUid]: `uid-${pod}`,
      },
      annotations: {
        [WORKLOAD_POD_ANNOTATION]: `shop/${pod}`,
        [POD_ANNOTATIONS.className]: className,
      },
    },
    spec: { nodeName: 'node1', containers: [{ name: 'rclone' }] },
    status: { phase: 'Running' },
  };
}

export function aClaimPod(name: string, changes: Partial<ClaimPod> = {}): ClaimPod {
  return { name, uid: `uid-${name}`, node: 'node1', state: 'Attached', ...changes };
}
