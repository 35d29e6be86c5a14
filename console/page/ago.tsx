// How long ago was it? (ticks)
import { formatAge } from './relative-time.ts';
import { useNow } from './use-now.ts';

/** @param at RFC 3339 */
export function Ago({ at, suffix = ' ago' }: { at: string; suffix?: string }) {
  const nowMs = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {formatAge(nowMs - date.getTime())}
      {suffix}
    </time>
  );
}
