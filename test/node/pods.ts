// What does the kubelet know of a pod, and the worker of an attachment?
import { VOLUME_ATTRIBUTES } from '../../api/names.ts';
import type { S3Storage } from '../../api/node-agent.ts';
import type { WriteMode } from '../../api/storage-provider-class.ts';
import { KUBELET_DIR } from '../../api/paths.ts';
import { buildVolumeHandle } from '../../csi-node/publish-request.ts';
import type { RunningMountPod } from './rclone-process.ts';

const VOLUME_NAME = 'dynamic-volume-root-path';

/** A workload pod as the kubelet knows it. */
export interface Pod {
  uid: string;
  targetPath: string;
  publishRequest: {
    volumeId: string;
    targetPath: string;
    readonly: boolean;
    volumeCapability: object;
    volumeContext: Record<string, string>;
  };
}

/** A pod by its UID. */
export function buildPod(uid: string): Pod {
  const targetPath = `${KUBELET_DIR}/pods/${uid}/volumes/kubernetes.io~csi/${VOLUME_NAME}/mount`;
  const volumeContext = {
    'csi.storage.k8s.io/ephemeral': 'true',
    'csi.storage.k8s.io/pod.uid': uid,
    'csi.storage.k8s.io/pod.name': 'web-0',
    'csi.storage.k8s.io/pod.namespace': 'default',
    [VOLUME_ATTRIBUTES.className]: 'lab-class',
    [VOLUME_ATTRIBUTES.dispatchPolicy]: 'independent',
  };
  const volumeCapability = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };
  const volumeId = buildVolumeHandle(uid, VOLUME_NAME);
  const publishRequest = {
    volumeId,
    targetPath,
    readonly: true,
    volumeCapability,
    volumeContext,
  };
  return { uid, targetPath, publishRequest };
}

/** One thing to attach; `bucket` also gives the source key. */
export interface Attachment {
  /** The claim in whose name it is asked for; always the same when absent. */
  claimUid?: string;
  pod: Pod;
  mountPod: RunningMountPod;
  s3: S3Storage;
  mountpoint?: string;
  readOnly?: boolean;
  writeMode?: WriteMode;
  /** Another one gives another source of the same bucket, as a remount does. */
  remounts?: number;
  replacesSourceKey?: string;
  /** Mount pods that may serve the replaced source. */
  replacedMountPods?: RunningMountPod[];
  vanishedClaimUids?: string[];
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex').padEnd(16, '0').slice(0, 32);
}

/** The source key of a bucket, or a prefix in it, on a mount pod. */
export function buildSourceKey(
  mountPod: { sharingKey: string },
  s3: S3Storage,
  remounts = 0,
): string {
  const suffix = remounts === 0 ? '' : `${remounts}`.padStart(8, '0');
  return `${mountPod.sharingKey}.${hex(`${s3.prefix}${s3.bucket}`)}${suffix}`;
}
