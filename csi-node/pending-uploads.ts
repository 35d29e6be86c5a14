// How many written files of a mount pod are not in the bucket yet? (mount-pod/rclone/uploads.go)
import { callMountPod } from './mount-pod.ts';
import { RemoteControlError } from './remote-control.ts';

/** Counts of files. */
export interface PendingUploads {
  /** In upload, or waiting for it. */
  queued: number;
  /** Left in the cache by a killed rclone; they wait until their source is mounted again. */
  abandoned: number;
}

/** Is this a count, or a number of bytes? Mount pods are not trusted. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/**
 * Parses a mount pod's answer. The pod is not trusted: what is no count must not pass for an empty queue.
 *
 * @throws RemoteControlError it holds something else than two counts
 */
export function parsePendingUploads(answer: unknown): PendingUploads {
  const { queued, abandoned } = (answer ?? {}) as Record<string, unknown>;
  if (isCount(queued) && isCount(abandoned)) return { queued, abandoned };
  throw new RemoteControlError('uploads/pending did not answer with counts');
}

/**
 * Asks a mount pod's rclone, which then also tries failed uploads again at once.
 *
 * @param request.sourceKey one source; all of them when absent
 * @throws as `callMountPod` and `parsePendingUploads`
 */
export async function observePendingUploads(request: {
  mountPodUid: string;
  sourceKey?: string;
  signal: AbortSignal;
}): Promise<PendingUploads> {
  const { mountPodUid, sourceKey, signal } = request;
  const parameters = sourceKey === undefined ? {} : { source: sourceKey };
  const answer = await callMountPod(mountPodUid, {
    command: 'uploads/pending',
    parameters,
    signal,
  });
  return parsePendingUploads(answer);
}
