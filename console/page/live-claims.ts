// Which claims exist, as the stream tells? (pure)
import type { ClaimSummary } from '../model/views.ts';

/** By UID. */
export type Claims = ReadonlyMap<string, ClaimSummary>;

/** What one event of the stream says. `all`: the first one of a connection, which names every claim there is. */
export type ClaimNews =
  { kind: 'all' | 'changed'; claims: ClaimSummary[] } | { kind: 'gone'; uids: string[] };

/** The claims after the news. Claims that did not change stay the same objects. */
export function applyNews(claims: Claims | undefined, news: ClaimNews): Claims {
  if (news.kind === 'gone') {
    const gone = new Set(news.uids);
    return new Map([...(claims ?? [])].filter(([uid]) => !gone.has(uid)));
  }
  const told = news.claims.map((claim) => [claim.uid, claim] as const);
  return new Map([...(news.kind === 'changed' ? (claims ?? []) : []), ...told]);
}
