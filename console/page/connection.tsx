// Is what is shown the present state?
import { Mark } from './mark.tsx';
import type { StreamState } from './follow-stream.ts';
import { useNow } from './use-now.ts';

/** In the head of the page, always. */
export function ConnectionState({ stream }: { stream: StreamState }) {
  const isLive = stream.kind === 'live';
  return (
    <span class="connection" role="status">
      <Mark kind={isLive ? 'ok' : stream.kind === 'connecting' ? 'busy' : 'failed'} />
      {isLive ? 'Live' : stream.kind === 'connecting' ? 'Connecting' : 'Not connected'}
    </span>
  );
}

/** Above everything, while the connection is cut and what is shown may be old. */
export function CutBanner({ stream, retryNow }: { stream: StreamState; retryNow: () => void }) {
  if (stream.kind !== 'cut') return null;
  return (
    <div class="banner" role="alert">
      <Mark kind="failed" />
      <p>
        {stream.error.message} What you see may be old; mounts do not depend on it.{' '}
        <RetryTime retryAtMs={stream.retryAtMs} />
      </p>
      <button type="button" onClick={retryNow}>
        Try now
      </button>
    </div>
  );
}

/** Not announced: a count that is read out each second helps nobody. */
export function RetryTime({ retryAtMs }: { retryAtMs: number }) {
  const seconds = Math.ceil((retryAtMs - useNow()) / 1_000);
  return (
    <span aria-hidden="true">
      {seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…'}
    </span>
  );
}
