// What does the kubelet ask for when it publishes a volume root? (pure)
import { createHash } from 'node:crypto';
import { VolumeError } from '../api/errors.ts';
import { VOLUME_ATTRIBUTES } from '../api/names.ts';
import { buildHostVolumeDir } from '../api/paths.ts';

/** The fields of CSI's NodePublishVolumeRequest that matter here. */
export interface NodePublishVolumeRequest {
  volumeId: string;
  targetPath: string;
  volumeCapability: {
    mount?: object | null;
    block?: object | null;
    accessMode?: { mode?: string } | null;
  } | null;
  volumeContext: Record<string, string>;
}

/** A kubelet target path of ours, taken apart. */
export interface TargetPath {
  path: string;
  podUid: string;
  volumeName: string;
}

/** Where a pod's volume root is to appear. */
export interface PublishRequest {
  target: TargetPath;
  hostVolumeDir: string;
}

const CONTEXT = {
  ephemeral: 'csi.storage.k8s.io/ephemeral',
  podUid: 'csi.storage.k8s.io/pod.uid',
} as const;

const MAX_ID_LENGTH = 128;
const MAX_PATH_LENGTH = 4096;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const POD_UID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

function refuse(message: string): never {
  throw new VolumeError('INVALID_ARGUMENT', message);
}

/** Is this a pod UID as the kubelet writes them? It becomes part of paths. */
export function isPodUid(text: string): boolean {
  return POD_UID.test(text);
}

/**
 * The id that the kubelet derives for an ephemeral volume.
 * @see kubernetes pkg/volume/csi/csi_mounter.go, makeVolumeHandle
 */
export function buildVolumeHandle(podUid: string, volumeName: string): string {
  return `csi-${createHash('sha256').update(`${podUid}${volumeName}`).digest('hex')}`;
}

/** Takes a target path apart, or gives undefined for a path that is not `<kubelet dir>/pods/…/mount`. */
export function parseTargetPath(path: string, kubeletDir: string): TargetPath | undefined {
  const prefix = `${kubeletDir}/pods/`;
  if (!path.startsWith(prefix) || path.length > MAX_PATH_LENGTH) return undefined;
  const [podUid, volumes, plugin, volumeName, last, ...more] = path.slice(prefix.length).split('/');
  if (volumes !== 'volumes' || plugin !== 'kubernetes.io~csi' || last !== 'mount') return undefined;
  if (podUid === undefined || volumeName === undefined || more.length > 0) return undefined;
  if (!isPodUid(podUid) || !DNS_SUBDOMAIN.test(volumeName)) return undefined;
  return { path, podUid, volumeName };
}

/** @throws VolumeError `INVALID_ARGUMENT` the id is missing or too long */
export function checkVolumeId(volumeId: string): void {
  if (volumeId === '') refuse('volume_id is missing');
  if (volumeId.length > MAX_ID_LENGTH) refuse(`volume_id is longer than ${MAX_ID_LENGTH}`);
}

function checkCapability(capability: NodePublishVolumeRequest['volumeCapability']): void {
  if (!capability) refuse('volume_capability is missing');
  if (capability.block) refuse('volume_capability: block access is not supported, only mount');
  if (!capability.mount) refuse('volume_capability: mount access is needed');
}

function parseClassName(context: Record<string, string>): string {
  const className = context[VOLUME_ATTRIBUTES.className] ?? '';
  if (DNS_LABEL.test(className)) return className;
  return refuse(
    `volume_context: ${VOLUME_ATTRIBUTES.className} must be a DNS label, the name of a StorageProviderClass`,
  );
}

function checkIdentity(request: NodePublishVolumeRequest, target: TargetPath): void {
  const context = request.volumeContext;
  if (context[CONTEXT.ephemeral] !== 'true')
    refuse('volume_context: only ephemeral inline volumes are supported, no PersistentVolume');
  if (context[CONTEXT.podUid] === undefined)
    refuse('volume_context: the pod is missing; the CSIDriver needs podInfoOnMount: true');
  if (context[CONTEXT.podUid] !== target.podUid)
    refuse('target_path belongs to another pod than volume_context names');
  if (request.volumeId !== buildVolumeHandle(target.podUid, target.volumeName))
    refuse('volume_id is not the one that the kubelet derives for this pod and volume');
}

/**
 * Checks a publish request. What is forged cannot pass: the pod is taken from the kubelet's context, must own the
 * target path, and the volume id must follow from both.
 *
 * @throws VolumeError `INVALID_ARGUMENT` with the field's name
 * @see CSI spec, "NodePublishVolume Errors"
 */
export function parsePublishRequest(
  request: NodePublishVolumeRequest,
  kubeletDir: string,
): PublishRequest {
  checkVolumeId(request.volumeId);
  if (request.targetPath === '') refuse('target_path is missing');
  checkCapability(request.volumeCapability);
  const target = parseTargetPath(request.targetPath, kubeletDir);
  if (target === undefined)
    refuse(`target_path must be ${kubeletDir}/pods/<uid>/volumes/kubernetes.io~csi/<name>/mount`);
  checkIdentity(request, target);
  const className = parseClassName(request.volumeContext);
  const { volumeId } = request;
  return {
    target,
    hostVolumeDir: buildHostVolumeDir({ className, volumeId, podUid: target.podUid }),
  };
}
