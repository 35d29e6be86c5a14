// How must rclone be set so that it stays within the memory of its mount pod? (pure)
import { parseMemoryBytes } from './memory-quantity.ts';

const MI = 2 ** 20;

/** Share of the limit at which Go collects garbage more eagerly; the rest is for what it does not count. */
const GO_MEMORY_SHARE = 0.8;

interface Buffers {
  /** Limit from which these buffers are affordable, in bytes. */
  fromBytes: number;
  /** Read-ahead of each open file. */
  bufferSize: string;
  /** Parts of an upload in memory at a time, 5 MiB each. */
  uploadConcurrency: number;
}

/** Measured: at 50Mi three parallel writes of 100 MB are killed with anything above the first row. */
const BUFFERS: readonly [Buffers, ...Buffers[]] = [
  { fromBytes: 0, bufferSize: '0', uploadConcurrency: 1 },
  { fromBytes: 128 * MI, bufferSize: '1Mi', uploadConcurrency: 2 },
  { fromBytes: 256 * MI, bufferSize: '4Mi', uploadConcurrency: 4 },
  { fromBytes: 512 * MI, bufferSize: '16Mi', uploadConcurrency: 4 },
];

/**
 * Builds the environment of a mount pod. Without a limit rclone keeps its defaults, spelled out.
 *
 * @param memoryLimit Kubernetes quantity, as the class gives it
 * @throws VolumeError `CLASS_INVALID` the limit is not a quantity
 */
export function buildRcloneEnvironment(memoryLimit: string | undefined): Record<string, string> {
  const limitBytes = memoryLimit === undefined ? Infinity : parseMemoryBytes(memoryLimit);
  const buffers = BUFFERS.findLast((row) => limitBytes >= row.fromBytes) ?? BUFFERS[0];
  return {
    ...(Number.isFinite(limitBytes)
      ? {
          GOMEMLIMIT: `${Math.floor(limitBytes * GO_MEMORY_SHARE)}`,
          // The limit above calls the collector in time; below it, collecting early is wasted processor time,
          // a third of a start.
          GOGC: '400',
        }
      : {}),
    RCLONE_BUFFER_SIZE: buffers.bufferSize,
    RCLONE_S3_CHUNK_SIZE: '5Mi',
    RCLONE_S3_UPLOAD_CONCURRENCY: `${buffers.uploadConcurrency}`,
  };
}
