// What is rclone asked for, to serve one S3 bucket?
import type { S3Storage } from '../api/node-agent.ts';

/**
 * The remote, as rclone's on-the-fly definition (rc: "fs" as a JSON object).
 * `no_check_bucket`: rclone would otherwise create a missing bucket on the first write.
 */
function buildRemote(s3: S3Storage): Record<string, string> {
  return {
    type: 's3',
    provider: 'Other',
    endpoint: s3.endpoint,
    access_key_id: s3.accessKeyId,
    secret_access_key: s3.secretAccessKey,
    region: 'us-east-1',
    force_path_style: 'true',
    no_check_bucket: 'true',
    _root: s3.bucket,
  };
}

/**
 * Parameters of `mount/mount`.
 *
 * Every user of the workload shall read and write, whatever its `runAsUser`: rclone reports 0777 and 0666 with no
 * umask, so programs that look at the modes first go on, and nobody checks them (see `makeFuseMount`). Times, modes
 * and owners can be set without an error and are not kept: an object has none.
 *
 * Cache mode off: `close` returns after the upload, so an acknowledged write is in the bucket.
 * Directory markers: a directory made in one pod exists in the others, and after a restart.
 */
export function buildMountParameters(source: {
  sourceKey: string;
  mountpoint: string;
  s3: S3Storage;
}): object {
  return {
    fs: { ...buildRemote(source.s3), directory_markers: 'true' },
    mountPoint: source.mountpoint,
    mountType: 'mount',
    // The name reaches the command line of fusermount3; rclone's default would describe the remote.
    mountOpt: { DeviceName: source.sourceKey },
    vfsOpt: {
      CacheMode: 'off',
      DirCacheTime: '5s',
      DirPerms: '0777',
      FilePerms: '0666',
      Umask: '0',
    },
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
export function buildPreflightParameters(s3: S3Storage, nonce: string): object {
  return {
    fs: buildRemote(s3),
    remote: `.dynvol-preflight-${nonce}`,
    opt: { noModTime: true, noMimeType: true },
    _config: PREFLIGHT_CONFIG,
  };
}

/** Parameters of `backend/command` for the question whose errors carry the S3 code. It changes nothing. */
export function buildExplainParameters(s3: S3Storage): object {
  return { fs: buildRemote(s3), command: 'versioning', _config: PREFLIGHT_CONFIG };
}
