// How many written files of a mount pod are not in the bucket yet? (mount-pod/rclone/uploads.go)
import { callMountPod } from './mount-pod.ts';

/** Counts of files. */
export interface PendingUploads {
  /** In upload, or waiting for it. */
  queued: number;
  /** Left in the cache by a killed rclone; they wait until their source is mounted again. */
  abandoned: number;
}

/**
 * Asks a mount pod's rclone, which then also tries failed uploads again at once.
 *
 * @param request.sourceKey one source; all of them when absent
 * @throws as `callMountPod`
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
  return answer as PendingUploads;
}
