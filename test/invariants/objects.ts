// What does the checker read of Kubernetes' objects?

interface Metadata {
  name: string;
  uid: string;
  namespace?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface Claim {
  metadata: Metadata;
  spec: {
    selector?: {
      matchLabels?: Record<string, string>;
      matchExpressions?: { key: string; operator: string; values?: string[] }[];
    };
    mountpoint: string;
    readOnly?: boolean;
    s3Config: { bucket: string; endpoint: string };
  };
  status?: {
    observedGeneration?: number;
    conditions?: Condition[];
    matched?: number;
    attached?: number;
    pods?: { name: string; uid: string; state: string; reason?: string; message?: string }[];
  };
}

export interface StorageClass {
  metadata: Metadata;
  spec: { parameters?: Record<string, string> };
}

interface VolumeMount {
  name: string;
  mountPath: string;
  mountPropagation?: string;
}

interface ContainerStatus {
  name: string;
  containerID?: string;
  state?: { running?: object };
}

export interface Pod {
  metadata: Metadata;
  spec: {
    nodeName?: string;
    volumes?: { name: string }[];
    containers: { name: string; volumeMounts?: VolumeMount[] }[];
  };
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface Node {
  metadata: Metadata;
  status?: { conditions?: Condition[] };
}

/** An Event about a claim. */
export interface ClaimEvent {
  metadata: Metadata;
  reason?: string;
  message?: string;
  involvedObject: { name: string; namespace?: string };
}

export interface Secret {
  data?: Record<string, string>;
}

export function isTrue(object: { status?: { conditions?: Condition[] } }, type: string): boolean {
  return findCondition(object, type)?.status === 'True';
}

export function findCondition(
  object: { status?: { conditions?: Condition[] } },
  type: string,
): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** `Kind namespace/name`, as violations name an object. */
export function nameOf(kind: string, { metadata }: { metadata: Metadata }): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
}
