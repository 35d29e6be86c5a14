// Which claims exist, and is the page connected?
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConsoleApi } from './console-api.ts';
import { followStream, type FollowedStream, type StreamState } from './follow-stream.ts';
import { applyNews, type Claims } from './live-claims.ts';

export interface LiveClaims {
  /** Absent until the first connection, and once somebody may not see them any more. */
  claims: Claims | undefined;
  stream: StreamState;
  retryNow: () => void;
}

/** What one reader, for one token and namespace, has been shown. */
interface Seen {
  session: object;
  claims?: Claims | undefined;
  stream: StreamState;
}

const CONNECTING: StreamState = { kind: 'connecting' };

/** @param namespace whose claims alone are followed; undefined for all that the reader may list */
export function useLiveClaims(api: ConsoleApi, namespace: string | undefined): LiveClaims {
  const session = useMemo(() => ({}), [api, namespace]);
  const [seen, setSeen] = useState<Seen>();
  const followed = useRef<FollowedStream>(null);
  const retryNow = () => followed.current?.retryNow();
  useEffect(() => {
    followed.current = followStream({
      open: (signal) => api.openStream(signal, namespace),
      onState: (stream) => {
        setSeen((former) => {
          const { claims } = pick(former, session);
          return { session, stream, claims: isForbidden(stream) ? undefined : claims };
        });
      },
      onNews: (news) => {
        setSeen((former) => {
          const { claims, stream } = pick(former, session);
          return { session, stream, claims: applyNews(claims, news) };
        });
      },
    });
    // A laptop that wakes up, or a network that is back, need not wait for the next attempt.
    const onVisible = () => {
      if (document.visibilityState === 'visible') retryNow();
    };
    addEventListener('online', retryNow);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      followed.current?.stop();
      removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [session]);
  const { claims, stream } = pick(seen, session);
  return { claims, stream, retryNow };
}

/** What another token was shown or told, or another namespace has, is not shown for this one. */
function pick(seen: Seen | undefined, session: object): Omit<Seen, 'session'> {
  return seen?.session === session ? seen : { stream: CONNECTING };
}

function isForbidden(state: StreamState): boolean {
  return state.kind === 'cut' && state.error.kind === 'forbidden';
}
