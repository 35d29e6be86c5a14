// What is rclone asked for, to serve one S3 bucket?
import type { S3Storage } from '../api/node-agent.ts';
import type { WriteMode } from '../api/storage-provider-class.ts';
import type { SourceRequest } from './served-sources.ts';

/** What a remote is made of. */
export type RemoteSource = Pick<SourceRequest, 'sourceKey' | 's3'>;

/** What S3 servers without regions expect, and AWS for its first one. */
const DEFAULT_REGION = 'us-east-1';

/** The slash at the end saves a request: without it rclone asks whether the prefix is an object. */
function buildRoot({ bucket, prefix }: S3Storage): string {
  return prefix === '' ? bucket : `${bucket}/${prefix}/`;
}

/**
 * The remote, as rclone's on-the-fly definition (rc: "fs" as a JSON object).
 * `no_check_bucket`: rclone would otherwise create a missing bucket on the first write.
 * `source_key` and `trusted_certificates` are ours (mount-pod/rclone/source.go).
 */
function buildRemote({ sourceKey, s3 }: RemoteSource): Record<string, string> {
  return {
    type: 's3',
    provider: 'Other',
    endpoint: s3.endpoint,
    access_key_id: s3.accessKeyId,
    secret_access_key: s3.secretAccessKey,
    ...(s3.sessionToken === '' ? {} : { session_token: s3.sessionToken }),
    ...(s3.caCert === '' ? {} : { trusted_certificates: s3.caCert }),
    source_key: sourceKey,
    region: s3.region || DEFAULT_REGION,
    force_path_style: 'true',
    no_check_bucket: 'true',
    _root: buildRoot(s3),
  };
}

/**
 * Sequential: `close` returns after the upload, so an acknowledged write is in the bucket.
 *
 * Cached: a file that is written is on the mount pod's disk until it is uploaded, at once after `close`. Reads go as
 * without a cache (`full` would put them on the disk as well). The short delay is not 0, because rclone then tries an
 * upload only once. What is uploaded is kept for a minute, in case it is written again.
 */
const WRITE_OPTIONS: Record<WriteMode, object> = {
  sequential: { CacheMode: 'off' },
  cached: {
    CacheMode: 'writes',
    WriteBack: '100ms',
    CacheMaxAge: '1m',
    CachePollInterval: '10s',
    CacheMaxSize: '1Gi',
  },
};

/**
 * Parameters `fs` and `vfsOpt` of a mount, and of `uploads/resume`.
 *
 * Every user of the workload shall read and write, whatever its `runAsUser`: rclone reports 0777 and 0666 with no
 * umask, so programs that look at the modes first go on, and nobody checks them (see `makeFuseMount`). Times, modes
 * and owners can be set without an error and are not kept: an object has none.
 *
 * Directory markers: a directory made in one pod exists in the others, and after a restart.
 */
export function buildFileSystemParameters(source: RemoteSource & { writeMode: WriteMode }): object {
  return {
    fs: { ...buildRemote(source), directory_markers: 'true' },
    vfsOpt: {
      ...WRITE_OPTIONS[source.writeMode],
      DirCacheTime: '5s',
      DirPerms: '0777',
      FilePerms: '0666',
      Umask: '0',
    },
  };
}

/** Parameters of `mount/mount`. */
export function buildMountParameters(source: SourceRequest & { mountpoint: string }): object {
  return {
    ...buildFileSystemParameters(source),
    mountPoint: source.mountpoint,
    mountType: 'mount',
    // The name reaches the command line of fusermount3; rclone's default would describe the remote.
    mountOpt: { DeviceName: source.sourceKey },
  };
}

/**
 * A person waits for the reason: no second try, and no long time-out. Go's HTTP client itself asks once more after a
 * silence, so a server that accepts and never answers is told of after 12 s. The first is the handshake's bound too,
 * which takes seconds of a mount pod with 10m of CPU.
 */
const PREFLIGHT_CONFIG = { LowLevelRetries: 1, ConnectTimeout: '8s', Timeout: '6s' };

/**
 * Parameters of `operations/list` for a prefix that does not exist: one signed request with an empty answer. A missing
 * bucket, wrong keys or an unreachable server are errors, where a mounted root would look like an empty folder.
 *
 * @param nonce makes the prefix one that nobody has
 */
export function buildPreflightParameters(source: RemoteSource, nonce: string): object {
  return {
    fs: buildRemote(source),
    remote: `.dynvol-preflight-${nonce}`,
    opt: { noModTime: true, noMimeType: true },
    _config: PREFLIGHT_CONFIG,
  };
}

/** Parameters of `backend/command` for the question whose errors carry the S3 code. It changes nothing. */
export function buildExplainParameters(source: RemoteSource): object {
  return { fs: buildRemote(source), command: 'versioning', _config: PREFLIGHT_CONFIG };
}
