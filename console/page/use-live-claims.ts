// Which claims exist, and is the page connected?
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleApi } from './console-api.ts';
import { followStream, type FollowedStream, type StreamState } from './follow-stream.ts';
import { applyNews, type Claims } from './live-claims.ts';

export interface LiveClaims {
  /** Absent until the first connection. */
  claims: Claims | undefined;
  stream: StreamState;
  retryNow: () => void;
}

export function useLiveClaims(api: ConsoleApi): LiveClaims {
  const [claims, setClaims] = useState<Claims>();
  const [stream, setStream] = useState<StreamState>({ kind: 'connecting' });
  const followed = useRef<FollowedStream>(null);
  const retryNow = () => followed.current?.retryNow();
  useEffect(() => {
    followed.current = followStream({
      open: api.openStream,
      onState: setStream,
      onNews: (news) => {
        setClaims((present) => applyNews(present, news));
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
  }, [api]);
  return { claims, stream, retryNow };
}
