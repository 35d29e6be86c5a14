// Is a request of the agent API well-formed? (pure; nothing from outside becomes a path or an option unchecked)
import { VolumeError } from '../api/errors.ts';
import type {
  AttachRequest,
  AttachTarget,
  ClaimRef,
  DetachRequest,
  MountPodRef,
  S3Storage,
  SourceAttachment,
} from '../api/node-agent.ts';
import { WRITE_MODES, type WriteMode } from '../api/storage-provider-class.ts';
import { isPodUid } from './publish-request.ts';

const SOURCE_KEY = /^[0-9a-f]{8,64}\.[0-9a-f]{8,64}$/;
const SHARING_KEY = /^[0-9a-f]{8,64}$/;
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_LEVELS = 8;
const MAX_MOUNTPOINT_LENGTH = 512;
const REGION = /^[A-Za-z0-9-]{0,63}$/;
const PRINTABLE = /^[\x21-\x7e]*$/;
const MAX_KEY_LENGTH = 8192;
const MAX_CA_LENGTH = 65_536;
/** Longest key of an S3 object, in bytes. */
const MAX_PREFIX_BYTES = 1024;

function check(isGood: boolean, message: string): void {
  if (!isGood) throw new VolumeError('INVALID_ARGUMENT', message);
}

/** Is this a mountpoint below a volume root, as the claim's schema allows it? */
export function isMountpoint(text: string): boolean {
  const segments = text.split('/');
  return (
    text.length <= MAX_MOUNTPOINT_LENGTH &&
    segments.length <= MAX_LEVELS &&
    segments.every((segment) => SEGMENT.test(segment))
  );
}

/** Is this `http(s)://host[:port]` and nothing more? */
export function isEndpoint(text: string): boolean {
  if (!/^https?:\/\/[^/\s?#@]+\/?$/.test(text) || text.length > 2048) return false;
  return URL.canParse(text);
}

/** Is this a folder of a bucket, without slashes at its ends? "" is the bucket itself. */
export function isPrefix(text: string): boolean {
  if (text === '') return true;
  const segments = text.split('/');
  return (
    Buffer.byteLength(text) <= MAX_PREFIX_BYTES &&
    segments.every((segment) => !['', '.', '..'].includes(segment)) &&
    !/\p{Cc}/u.test(text)
  );
}

function checkClaim(claim: ClaimRef | null): void {
  check(claim !== null && claim.uid !== '', 'claim.uid is missing');
}

function checkPlace(target: { podUid: string; mountpoint: string }): void {
  check(isPodUid(target.podUid), 'pod_uid is not a pod UID');
  check(isMountpoint(target.mountpoint), 'mountpoint is not a path below the volume root');
}

function checkTarget(target: AttachTarget): void {
  checkPlace(target);
  const former = target.replacesSourceKey;
  check(former === '' || SOURCE_KEY.test(former), 'replaces_source_key is not a source key');
}

/** Values are never repeated: this message goes where the keys must not. */
function checkStorage(s3: S3Storage | null): void {
  if (!s3) throw new VolumeError('INVALID_ARGUMENT', 's3 is missing');
  check(BUCKET.test(s3.bucket), 's3.bucket is not a bucket name');
  check(isEndpoint(s3.endpoint), 's3.endpoint must be http(s)://host[:port]');
  check(isPrefix(s3.prefix), 's3.prefix must be a path of a bucket without slashes at its ends');
  check(REGION.test(s3.region), 's3.region is not the name of a region');
  for (const key of [s3.accessKeyId, s3.secretAccessKey])
    check(key !== '' && key.length <= MAX_KEY_LENGTH, 's3 access keys are missing or too long');
  // It becomes a header of every request.
  const isToken = PRINTABLE.test(s3.sessionToken) && s3.sessionToken.length <= MAX_KEY_LENGTH;
  check(isToken, 's3.session_token must be printable ASCII of at most 8192 characters');
  check(
    isCertificates(s3.caCert),
    's3.ca_cert must be PEM certificates of at most 65536 characters',
  );
}

function isCertificates(text: string): boolean {
  return (
    text === '' || (text.length <= MAX_CA_LENGTH && text.includes('-----BEGIN CERTIFICATE-----'))
  );
}

function checkWriteMode(field: string, writeMode: WriteMode): void {
  check(WRITE_MODES.includes(writeMode), `${field} must be one of: ${WRITE_MODES.join(', ')}`);
}

function checkMountPods(field: string, mountPods: MountPodRef[]): void {
  for (const pod of mountPods) {
    checkWriteMode(`${field}.write_mode`, pod.writeMode);
    check(isPodUid(pod.uid), `${field}.uid is not a pod UID`);
    check(SHARING_KEY.test(pod.sharingKey), `${field}.sharing_key is not a sharing key`);
  }
}

function checkAttachment(attachment: SourceAttachment): void {
  check(SOURCE_KEY.test(attachment.sourceKey), 'source_key is not a source key');
  check(isPodUid(attachment.mountPodUid), 'mount_pod_uid is not a pod UID');
  checkStorage(attachment.s3);
  checkWriteMode('write_mode', attachment.writeMode);
  attachment.targets.forEach(checkTarget);
}

/** @throws VolumeError `INVALID_ARGUMENT` naming the field, never the value */
export function checkAttachRequest(request: AttachRequest): void {
  checkClaim(request.claim);
  request.attachments.forEach(checkAttachment);
  checkMountPods('replaced_mount_pods', request.replacedMountPods);
}

/** @throws VolumeError `INVALID_ARGUMENT` naming the field, never the value */
export function checkDetachRequest(request: DetachRequest): void {
  checkClaim(request.claim);
  for (const target of request.targets) {
    checkPlace(target);
    check(SOURCE_KEY.test(target.sourceKey), 'source_key is not a source key');
  }
  const areKeys = request.sourceKeys.every((key) => SOURCE_KEY.test(key));
  check(areKeys, 'source_keys holds something that is not a source key');
  checkMountPods('mount_pods', request.mountPods);
}

/** @throws VolumeError `INVALID_ARGUMENT` naming the field, never the value */
export function checkMountPodUids(request: { mountPodUids: string[] }): void {
  check(
    request.mountPodUids.every(isPodUid),
    'mount_pod_uids holds something that is not a pod UID',
  );
}
