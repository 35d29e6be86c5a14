// Which names does the project use towards Kubernetes, the kubelet and Temporal?

/** API group of both custom resources, and the name of the CSI driver. */
export const GROUP = 'dynamicvolume.csi.cloudnative101.net';
export const API_VERSION = 'v1alpha1';
export const DRIVER_NAME = GROUP;

/** Plural names of the custom resources, as in REST paths. */
export const CLAIM_PLURAL = 'dynamicvolumeclaims';
export const CLASS_PLURAL = 'storageproviderclasses';

/** Namespace of our own pods, and of the mount pods (Pod Security *restricted*). */
export const SYSTEM_NAMESPACE = 'dynvol-system';
export const MOUNT_NAMESPACE = 'dynvol-mounts';
/** The container of a mount pod that mounts; a mesh may add others. */
export const MOUNT_CONTAINER = 'rclone';

/** Name of the volume that the webhook adds to a pod. */
export const ROOT_VOLUME_NAME = 'dynamic-volume-root-path';

/** Keys of the injected volume's `volumeAttributes` (as the original article prints them). */
export const VOLUME_ATTRIBUTES = {
  className: 'storageProviderClass',
  dispatchPolicy: 'mountPodDispatchPolicy',
} as const;

/** Annotations by which a pod opts in. */
export const POD_ANNOTATIONS = {
  className: `${GROUP}/storage-provider-class`,
  rootPath: `${GROUP}/volume-mount-path-root`,
  dispatchPolicy: `${GROUP}/mount-pod-dispatch-policy`,
  /** Comma-separated names of the containers that shall see the volume root; all of them when absent. */
  containers: `${GROUP}/containers`,
} as const;

/**
 * Label of a namespace all of whose pods are injected. Its annotations, with the keys of
 * {@link POD_ANNOTATIONS}, are what a pod has that does not say otherwise.
 */
export const NAMESPACE_INJECTION_LABEL = { key: `${GROUP}/inject`, value: 'enabled' } as const;

/** Label, with the pod's UID, by which `kubectl dynvol mount` selects a pod that has no label of its own. */
export const POD_LABEL = `${GROUP}/pod`;

/** Whether pods share a mount pod; the first is the default. */
export const DISPATCH_POLICIES = ['independent', 'shared'] as const;

/** Keys of `StorageProviderClass.spec.parameters`. */
export const CLASS_PARAMETERS = {
  secretName: `${GROUP}/storage-provider-secret-name`,
  secretNamespace: `${GROUP}/storage-provider-secret-namespace`,
  cpuRequest: `${GROUP}/mount-cpu-request`,
  memoryRequest: `${GROUP}/mount-memory-request`,
  cpuLimit: `${GROUP}/mount-cpu-limit`,
  memoryLimit: `${GROUP}/mount-memory-limit`,
  writeMode: `${GROUP}/mount-write-mode`,
  warmMountPods: `${GROUP}/warm-mount-pods`,
} as const;

/** Keys of the Secret that a class names. */
export const SECRET_KEYS = {
  accessKeyId: 'access-key-id',
  secretAccessKey: 'secret-access-key',
  /** Optional: of temporary credentials. */
  sessionToken: 'session-token',
  /** Optional: PEM certificates that the endpoint's certificate may be signed by. */
  caCert: 'ca.crt',
} as const;

/** Labels of mount pods; the controller finds its mount pods by them. */
export const MOUNT_POD_LABELS = {
  sharingKey: `${GROUP}/sharing-key`,
  /** The one workload pod that a mount pod is for; absent when it is shared. */
  workloadPodUid: `${GROUP}/workload-pod-uid`,
  node: `${GROUP}/node`,
  /** Of a mount pod that waits for its first source: the pool it belongs to. */
  warmPool: `${GROUP}/warm-pool`,
  /** Write mode of the class when the mount pod was made. */
  writeMode: `${GROUP}/write-mode`,
} as const;

/** Annotation of a mount pod: `<namespace>/<name>` of the workload pod that it is for, or the namespace alone when pods share it. */
export const WORKLOAD_POD_ANNOTATION = `${GROUP}/workload-pod`;

/** Annotation of a mount pod that may be evicted although it is in use, with the value `true`. */
export const ALLOW_EVICTION_ANNOTATION = `${GROUP}/allow-eviction`;

/** `app.kubernetes.io/component` of our own pods. */
export const COMPONENT_LABEL = 'app.kubernetes.io/component';
export const COMPONENTS = {
  agent: 'csi-node',
  controller: 'controller',
  webhook: 'webhook',
  mountPod: 'mount-pod',
} as const;

/** Keeps a claim's object until nothing of it is mounted any more. */
export const CLAIM_FINALIZER = `${GROUP}/detach`;

/** Keeps a class for as long as a claim uses it. */
export const CLASS_FINALIZER = `${GROUP}/in-use`;

/** Temporal: the one task queue of workflows and activities, and the workflow's type name. */
export const TASK_QUEUE = 'dynamic-volume';
export const CLAIM_WORKFLOW_TYPE = 'dynamicVolumeClaimWorkflow';

/** The signal by which the watcher says "look again". */
export const RECONCILE_SIGNAL = 'reconcile';

/** Header of starts, signals and activities that names a span; the one that Temporal's own interceptors use. */
export const TRACE_HEADER = '_tracer-data';

/** What a person may tell a claim's workflow, each as a signal and as an update. */
export const COMMANDS = { remount: 'remount', detach: 'detach', attach: 'attach' } as const;

/** Search attributes of claims' workflows, with Temporal's names of their types. */
export const SEARCH_ATTRIBUTES = {
  namespace: { name: 'DynvolNamespace', type: 'Keyword' },
  claim: { name: 'DynvolClaim', type: 'Keyword' },
  className: { name: 'DynvolClass', type: 'Keyword' },
  phase: { name: 'DynvolPhase', type: 'Keyword' },
  attached: { name: 'DynvolAttached', type: 'Int' },
  matched: { name: 'DynvolMatched', type: 'Int' },
} as const;

/** The one schedule that compares claims, Kubernetes and the nodes' mount tables, and its workflow. */
export const AUDIT_SCHEDULE_ID = 'dynvol-drift-audit';
export const AUDIT_WORKFLOW_TYPE = 'driftAuditWorkflow';

/** In whose name the audit asks an agent; no claim has this UID. */
export const AUDIT_CLAIM_UID = 'drift-audit';

/**
 * Name of the controller in its certificate, as a DNS subject alternative name: an agent expects it of the caller of its
 * API and of the server that it enrols at.
 */
export const CONTROLLER_IDENTITY = 'controller.dynvol';

/** Name of a node's agent in its certificate: the controller expects it of who answers at the address of the agent's pod. */
export function buildAgentIdentity(nodeName: string): string {
  return `${nodeName}.csi-node.dynvol`;
}

/** Service account of the node agents, in `SYSTEM_NAMESPACE`. */
export const AGENT_SERVICE_ACCOUNT = 'dynvol-csi-node';

/** Audience of the tokens with which agents enrol: of no use for anything else. */
export const ENROLMENT_AUDIENCE = 'dynvol-enrolment';

/** TCP port of the controller, and of its Service `dynvol-enrolment`, where agents enrol. */
export const ENROLMENT_PORT = 9814;

/**
 * TCP port of the console on the controller's loopback address: only `kubectl port-forward` reaches it, so who may
 * do that to the controller's pods may read it.
 */
export const CONSOLE_LOOPBACK_PORT = 9815;

/** TCP port of the console on the controller's pod address, and of its Service `dynvol-console`: TLS and a bearer token. */
export const CONSOLE_PORT = 9816;

/**
 * TCP port, on the controller's loopback address, where Temporal's SDK tells its metrics; the controller passes them on
 * with its own.
 */
export const TEMPORAL_METRICS_PORT = 9817;

/** TCP port of the agent API on the agent's pod address. */
export const AGENT_PORT = 9810;

/** When a node pulls an image, as Kubernetes names it. */
export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
export type PullPolicy = (typeof PULL_POLICIES)[number];

/** Workflow id of a claim: `dvc/<namespace>/<name>/<uid>`, at most 255 characters (Temporal's SQL schemas). */
export function buildWorkflowId(claim: { namespace: string; name: string; uid: string }): string {
  const full = `dvc/${claim.namespace}/${claim.name}/${claim.uid}`;
  return full.length <= 255 ? full : `dvc/${claim.namespace}/${claim.uid}`;
}
