// Which names does the product promise to the world? (written down again, so that nothing of the product is trusted)

export const GROUP = 'dynamicvolume.csi.cloudnative101.net';
export const VERSION = 'v1alpha1';
export const SYSTEM_NAMESPACE = 'dynvol-system';
export const MOUNT_NAMESPACE = 'dynvol-mounts';
/** The volume that a pod has if it can be served. */
export const ROOT_VOLUME = 'dynamic-volume-root-path';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';
export const SHARING_KEY_LABEL = `${GROUP}/sharing-key`;
export const WORKLOAD_POD_UID_LABEL = `${GROUP}/workload-pod-uid`;
/** `<namespace>/<name>` of a workload pod, or the namespace alone. */
export const WORKLOAD_POD_ANNOTATION = `${GROUP}/workload-pod`;
export const SECRET_NAME_PARAMETER = `${GROUP}/storage-provider-secret-name`;
export const SECRET_NAMESPACE_PARAMETER = `${GROUP}/storage-provider-secret-namespace`;

export const DYNAMIC_DIR = '/var/lib/dynamic';
/** The one file that the agent keeps on the node: its lock against a second agent. */
export const AGENT_LOCK = `${DYNAMIC_DIR}/agent.lock`;
export const XVOLS_DIR = `${DYNAMIC_DIR}/xvols`;
export const STAGE_DIR = `${DYNAMIC_DIR}/stage`;

/** Whoever makes a bug on purpose says so by a name: of a namespace, class, bucket or folder that begins like this. */
export const SEEDED_PREFIX = 'seeded-';
/** A bucket whose name ends like this has users who only read. */
export const KEPT_SUFFIX = '-kept';
