// Of which sources of a mount pod does the storage seem to fail? (mount-pod/rclone/failing.go)
import { callMountPod } from './mount-pod.ts';
import { RemoteControlError } from './remote-control.ts';

/**
 * Parses a mount pod's answer. The pod is not trusted.
 *
 * @throws RemoteControlError it holds something else than source keys
 */
export function parseFailingSources(answer: unknown): Set<string> {
  const { sources } = (answer ?? {}) as Record<string, unknown>;
  if (Array.isArray(sources) && sources.every((key) => typeof key === 'string'))
    return new Set(sources);
  throw new RemoteControlError('sources/failing did not answer with source keys');
}

/**
 * Asks a mount pod's rclone, which asks nobody.
 *
 * @throws as `callMountPod` and `parseFailingSources`
 */
export async function observeFailingSources(
  mountPodUid: string,
  signal: AbortSignal,
): Promise<Set<string>> {
  const call = { command: 'sources/failing', parameters: {}, signal };
  return parseFailingSources(await callMountPod(mountPodUid, call));
}
