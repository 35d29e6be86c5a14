// Which faults does the node lab inject, and what is expected of each? (rows F of the catalogue; one line each)
import type { ErrorCode } from '../../api/errors.ts';
import type { FuseMode } from './fuse-server.ts';
import type { ProxiedRequest, S3Fault } from './s3-proxy.ts';

/** The storage misbehaves while a source is mounted: the claim's reason. */
export const AT_MOUNT: readonly { row: string; fault: S3Fault; code: ErrorCode }[] = [
  { row: 'F22', fault: { kind: 'refuse' }, code: 'ENDPOINT_UNREACHABLE' },
  {
    row: 'F25',
    fault: { kind: 'error', status: 500, code: 'InternalError' },
    code: 'STORAGE_ERROR',
  },
  { row: 'F25', fault: { kind: 'error', status: 503, code: 'SlowDown' }, code: 'STORAGE_ERROR' },
  { row: 'F25', fault: { kind: 'cut', afterBytes: 3 }, code: 'STORAGE_ERROR' },
  {
    row: 'F26',
    fault: { kind: 'error', status: 403, code: 'AccessDenied' },
    code: 'ACCESS_DENIED',
  },
  {
    row: 'F26',
    fault: { kind: 'error', status: 403, code: 'InvalidAccessKeyId' },
    code: 'CREDENTIALS_REJECTED',
  },
  {
    row: 'F26',
    fault: { kind: 'error', status: 400, code: 'ExpiredToken' },
    code: 'CREDENTIALS_REJECTED',
  },
  {
    row: 'F27',
    fault: { kind: 'error', status: 404, code: 'NoSuchBucket' },
    code: 'BUCKET_NOT_FOUND',
  },
  {
    row: 'F27',
    fault: { kind: 'error', status: 400, code: 'AuthorizationHeaderMalformed' },
    code: 'STORAGE_ERROR',
  },
  {
    row: 'F28',
    fault: { kind: 'error', status: 403, code: 'RequestTimeTooSkewed' },
    code: 'CLOCK_SKEW',
  },
];

type Applies = (request: ProxiedRequest) => boolean;

const all = (): Applies => () => true;
const objects =
  (): Applies =>
  ({ path }) =>
    path.includes('.txt');

/** The first requests alone, of those for which `applies` holds. */
function first(count: number, applies: Applies = all()): Applies {
  let left = count;
  return (request) => applies(request) && left-- > 0;
}

/** What a read gives while the storage answers some requests wrongly. */
export interface ReadUnderFault {
  row: string;
  fault: S3Fault;
  /** Made anew for each test, because it may count. */
  applies: () => Applies;
  read: 'right' | 'Input/output error';
  /** What an attach answers afterwards. */
  attach: 'ok' | ErrorCode;
}

/** The storage misbehaves under a reader. None of it ends the mount or is taken for a hang. */
export const WHILE_MOUNTED: readonly ReadUnderFault[] = [
  { row: 'F23', fault: { kind: 'refuse' }, applies: () => first(2), read: 'right', attach: 'ok' },
  {
    row: 'F23',
    fault: { kind: 'cut', afterBytes: 3 },
    applies: () => first(1, objects()),
    read: 'right',
    attach: 'ok',
  },
  { row: 'F24', fault: { kind: 'delay', ms: 2_000 }, applies: all, read: 'right', attach: 'ok' },
  {
    row: 'F24',
    fault: { kind: 'limit', bytesPerSecond: 200 },
    applies: all,
    read: 'right',
    attach: 'ok',
  },
  {
    row: 'F25',
    fault: { kind: 'error', status: 500, code: 'InternalError' },
    applies: () => first(2),
    read: 'right',
    attach: 'ok',
  },
  {
    row: 'F25',
    fault: { kind: 'error', status: 503, code: 'SlowDown' },
    applies: () => first(2),
    read: 'right',
    attach: 'ok',
  },
  {
    row: 'F26',
    fault: { kind: 'error', status: 403, code: 'AccessDenied' },
    applies: all,
    read: 'Input/output error',
    attach: 'ACCESS_DENIED',
  },
  {
    row: 'F26',
    fault: { kind: 'error', status: 403, code: 'InvalidAccessKeyId' },
    applies: all,
    read: 'Input/output error',
    attach: 'CREDENTIALS_REJECTED',
  },
  {
    row: 'F27',
    fault: { kind: 'error', status: 400, code: 'AuthorizationHeaderMalformed' },
    applies: all,
    read: 'Input/output error',
    attach: 'STORAGE_ERROR',
  },
];

/** The storage fails after the attach: what is told. A burst before it, which the client overcomes, is not. */
export const LATER_IN_STORAGE: readonly {
  row: string;
  title: string;
  burst?: { fault: S3Fault; applies: () => Applies };
  fault: S3Fault;
  code: ErrorCode;
}[] = [
  {
    row: 'F22',
    title: 'a server that is gone',
    burst: { fault: { kind: 'refuse' }, applies: () => first(2) },
    fault: { kind: 'refuse' },
    code: 'ENDPOINT_UNREACHABLE',
  },
  {
    row: 'F25',
    title: 'a server that only says 503',
    burst: {
      fault: { kind: 'error', status: 503, code: 'SlowDown' },
      applies: () => first(2),
    },
    fault: { kind: 'error', status: 503, code: 'SlowDown' },
    code: 'STORAGE_ERROR',
  },
  {
    row: 'F26',
    title: 'a bucket that is denied',
    fault: { kind: 'error', status: 403, code: 'AccessDenied' },
    code: 'ACCESS_DENIED',
  },
  {
    row: 'F27',
    title: 'a bucket that was deleted',
    fault: { kind: 'error', status: 404, code: 'NoSuchBucket' },
    code: 'BUCKET_NOT_FOUND',
  },
  {
    row: 'F28',
    title: "a clock that differs from the server's",
    fault: { kind: 'error', status: 403, code: 'RequestTimeTooSkewed' },
    code: 'CLOCK_SKEW',
  },
];

/** The server behind the mount misbehaves from its start: nothing is shown before its root answers. */
export const UNREADY: readonly { row: string; mode: FuseMode; message: RegExp }[] = [
  { row: 'F10', mode: 'EIO', message: /^STORAGE_NOT_SERVING: .*\(EIO\)/ },
  { row: 'F10', mode: 'EACCES', message: /^STORAGE_NOT_SERVING: .*\(EACCES\)/ },
  { row: 'F10', mode: 'hang', message: /^STORAGE_NOT_SERVING: .*\(timeout\)/ },
];

/** The server behind one of two mounts, or the whole server, misbehaves later: both are right again. */
export const LATER: readonly { row: string; mode: FuseMode; of: 'one mount' | 'all' }[] = [
  { row: 'F8', mode: 'exit', of: 'all' },
  { row: 'F1', mode: 'crash', of: 'all' },
  { row: 'F10', mode: 'EIO', of: 'one mount' },
];

/** Rows that have a test of their own, by its title. */
export const ELSEWHERE: readonly { row: string; file: string; title: string }[] = [
  { row: 'F9', file: 'storage-failure.test.ts', title: 'answers %s for %s, and mounts nothing' },
  { row: 'F9', file: 'faults.test.ts', title: 'F9: a mount pod whose rclone does not start' },
  { row: 'F11', file: 'swap.test.ts', title: 'repairs a mount whose rclone was killed' },
  {
    row: 'F11',
    file: 'swap.test.ts',
    title: 'repairs every pod of a source when its mount pod was replaced',
  },
  {
    row: 'F16',
    file: 'attach.test.ts',
    title: 'keeps the second pod when the first is unpublished',
  },
  { row: 'F21', file: 'faults.test.ts', title: 'F21: without /dev/fuse' },
  {
    row: 'F22',
    file: 'storage-failure.test.ts',
    title: 'answers ENDPOINT_UNREACHABLE for a black hole, in time',
  },
  { row: 'F23', file: 'faults.test.ts', title: 'F23: a read that the storage never answers' },
  { row: 'F24', file: 'faults.test.ts', title: 'F24: a slow server' },
  {
    row: 'F27',
    file: 'storage-failure.test.ts',
    title: 'heals by itself when the bucket is made, and never makes it',
  },
  {
    row: 'F29',
    file: 'durability.test.ts',
    title: 'F29: every file that was closed without an error',
  },
  {
    row: 'F29',
    file: 'flush.test.ts',
    title: 'a killed rclone uploads what it had once the source is mounted again',
  },
  { row: 'F30', file: 'failpoints.test.ts', title: 'killed at "%s"' },
  { row: 'F31', file: 'failpoints.test.ts', title: 'killed at "%s"' },
  {
    row: 'F37',
    file: 'publish.test.ts',
    title: 'answers OK for what is unknown, gone or not ours',
  },
  {
    row: 'F37',
    file: 'publish.test.ts',
    title: 'takes live mounts away and leaves nothing behind',
  },
  {
    row: 'F37',
    file: 'hang.test.ts',
    title: 'unpublishes a pod that hangs in its mount, within the time the kubelet waits',
  },
  { row: 'F39', file: 'faults.test.ts', title: 'F39: with a full disk' },
  // There is no journal: a new agent reads the mount table.
  {
    row: 'F40',
    file: 'swap.test.ts',
    title: 'goes on with what a predecessor ended by %s has mounted',
  },
  { row: 'F41', file: 'failpoints.test.ts', title: 'killed at "%s"' },
  { row: 'F42', file: 'trust.test.ts', title: 'does not start twice on a node' },
];

/** Rows that the lab cannot make, and why. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  F20: 'fs.mount-max counts for every namespace of the machine: lowering it would break its other programs',
  F36: 'only the kubelet knows that the pod is gone: it repeats NodeUnpublishVolume for what it began to publish',
};

/** The rows that belong to this lab; those of a killed or hung storage client have files of their own. */
export const LAB_ROWS = [
  ...[
    'F9',
    'F10',
    'F11',
    'F16',
    'F20',
    'F21',
    'F22',
    'F23',
    'F24',
    'F25',
    'F26',
    'F27',
    'F28',
    'F29',
  ],
  ...['F30', 'F31', 'F36', 'F37', 'F39', 'F40', 'F41', 'F42'],
];
