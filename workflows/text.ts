// How are counts, times and long texts written for people? (pure)

/** Longest text of one pod or command, in characters: twenty of them stay far below the size of an object. */
export const MAX_TEXT_LENGTH = 512;

/** "1 pod" or "2 pods". */
export function countPods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`;
}

/** To the second, as Kubernetes writes it. @param timeMs milliseconds since 1970 */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Cuts a message that came from elsewhere. */
export function shorten(message: string, maxLength = MAX_TEXT_LENGTH): string {
  return message.length <= maxLength ? message : `${message.slice(0, maxLength - 1)}…`;
}
