// What is seen before a claim is chosen?
import type { ClaimSummary } from '../model/views.ts';
import { Mark } from './mark.tsx';
import { Notice } from './notice.tsx';
import { buildHash, NO_FILTER, type ClaimRef, type Filter } from './view-state.ts';

const SHOWN = 12;

interface Props {
  claims: ClaimSummary[];
  filter: Filter;
}

/** What has to be mended, if anything. */
export function Overview({ claims, filter }: Props) {
  const failed = claims.filter(({ phase }) => phase === 'Failed');
  if (failed.length === 0) {
    return (
      <div class="overview">
        <h1>All is well</h1>
        <p>
          No claim has a failure. Choose one to see where it is, what has happened to it, and why.
        </p>
        <p class="faint keys">
          <kbd>/</kbd> filters, <kbd>↑</kbd> <kbd>↓</kbd> go through the list, <kbd>Enter</kbd>{' '}
          opens.
        </p>
      </div>
    );
  }
  const more = failed.length - SHOWN;
  return (
    <div class="overview">
      <h1>{failed.length === 1 ? '1 claim needs' : `${failed.length} claims need`} attention</h1>
      <ul class="attention">
        {failed.slice(0, SHOWN).map((claim) => (
          <li key={claim.uid}>
            <a href={buildHash({ filter, claim })}>
              <Mark kind="failed" />
              <span class="claim-name">
                {claim.namespace}/{claim.name}
              </span>
              <strong>{claim.reason}</strong>
              <p>{claim.message}</p>
            </a>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p>
          <a href={buildHash({ filter: { ...NO_FILTER, phase: 'Failed' } })}>and {more} more</a>
        </p>
      )}
    </div>
  );
}

interface GoneProps {
  claim: ClaimRef;
  /** Address of the list without a claim. */
  back: string;
  /** There may be claims that are not shown. */
  isLimited: boolean;
}

/** The claim of the address does not exist, or no longer; or whoever asks may not know. */
export function ClaimGone({ claim, back, isLimited }: GoneProps) {
  const title = `${claim.namespace}/${claim.name}`;
  return (
    <div class="overview">
      <a class="back" href={back}>
        ‹ All claims
      </a>
      <Notice
        kind="absent"
        title={isLimited ? `You see no claim ${title}` : `There is no claim ${title}`}
        text={`It was deleted, or its name is another one${isLimited ? ', or you may not list the claims of its namespace' : ''}. If it was deleted, its storage has been taken out of every pod before it went.`}
      />
    </div>
  );
}
